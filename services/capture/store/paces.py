"""How each source, and each form or page that denied us a lead, takes being asked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from libs.common.database import Transaction
from libs.common.database.rows import Row
from libs.common.database.statements import text
from services.capture.fetching.pace import Pace

_COLUMNS: Final = """
    kind, source, next_at, failures, reason, failed_at, credentials, changes, place, failing,
    denied, lacks
"""


class Waiting(NamedTuple):
    """A source with submissions that still have no content."""

    kind: str
    source: str
    waiting: int
    oldest: datetime
    reason: str | None
    """Why it, or a form or page of it, is paused."""


async def database_clock(tx: Transaction) -> datetime:
    """The moment by the one clock that all members share."""
    found: datetime = (await tx.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return found


async def add(tx: Transaction, sources: Collection[tuple[str, str]], now: datetime) -> None:
    """Sources (kind and key) that may be asked from now on; a known one keeps its pace."""
    await tx.execute(
        text("""
            INSERT INTO capture.fetch_sources (kind, source, next_at)
            SELECT DISTINCT kind, source, CAST(:now AS timestamptz)
            FROM unnest(CAST(:kinds AS text[]), CAST(:sources AS text[])) AS new (kind, source)
            ORDER BY 1, 2 ON CONFLICT DO NOTHING
        """),
        {
            "kinds": [kind for kind, _ in sources],
            "sources": [key for _, key in sources],
            "now": now,
        },
    )


async def list_sources(tx: Transaction) -> list[tuple[str, str]]:
    """Kind and key of each source with something to fetch."""
    rows = await tx.execute(
        text("""
            SELECT kind, source FROM capture.fetch_sources s WHERE place = '' AND EXISTS (
                SELECT FROM capture.fetches f
                WHERE f.kind = s.kind AND f.source = s.source AND f.done_at IS NULL)
            ORDER BY kind, source
        """)
    )
    return [(row.kind, row.source) for row in rows]


async def list_fetching(tx: Transaction) -> list[Waiting]:
    """Every source that was ever fetched from, with what waits now and why it may stand still."""
    rows = await tx.execute(
        text("""
            SELECT s.kind, s.source, count(f.submission_id) AS waiting,
                   coalesce(min(f.noted_at), s.next_at) AS oldest,
                   coalesce(s.reason, (
                       SELECT min(p.reason) FROM capture.fetch_sources p
                       WHERE p.kind = s.kind AND p.source = s.source AND p.place <> ''))
            FROM capture.fetch_sources s LEFT JOIN capture.fetches f
              ON f.kind = s.kind AND f.source = s.source AND f.done_at IS NULL
            WHERE s.place = ''
            GROUP BY s.kind, s.source, s.place ORDER BY s.kind, s.source
        """)
    )
    return [Waiting(*row) for row in rows]


async def lock_source(tx: Transaction, kind: str, source: str, *, wait: bool = True) -> Pace | None:
    """How the source is doing, locked; None where nobody knows it or another process has it.

    Whoever has it has its forms and pages too.
    """
    rows = await tx.execute(
        text(f"""
            SELECT {_COLUMNS} FROM capture.fetch_sources
            WHERE kind = :kind AND source = :source AND place = ''
            FOR UPDATE {"" if wait else "SKIP LOCKED"}
        """),  # noqa: S608 - constants
        {"kind": kind, "source": source},
    )
    row = rows.first()
    return _read(row) if row else None


async def list_places(tx: Transaction, pace: Pace) -> list[Pace]:
    """The paused forms and pages of a locked source."""
    rows = await tx.execute(
        text(f"""
            SELECT {_COLUMNS} FROM capture.fetch_sources
            WHERE kind = :kind AND source = :source AND place <> '' AND reason IS NOT NULL
            ORDER BY place
        """),  # noqa: S608 - a constant
        {"kind": pace.kind, "source": pace.source},
    )
    return [_read(row) for row in rows]


async def place_of(tx: Transaction, pace: Pace, place: str, now: datetime) -> Pace | None:
    """How a form or page of a locked source is doing; all is well where nothing is known."""
    if not place:
        return None
    rows = await tx.execute(
        text(f"""
            SELECT {_COLUMNS} FROM capture.fetch_sources
            WHERE kind = :kind AND source = :source AND place = :place
        """),  # noqa: S608 - a constant
        {"kind": pace.kind, "source": pace.source, "place": place},
    )
    row = rows.first()
    return _read(row) if row else Pace(pace.kind, pace.source, now, place=place)


async def save(tx: Transaction, pace: Pace) -> None:
    """Write how a source, or a form or page of it, is doing. Its source is locked."""
    await tx.execute(
        text("""
            INSERT INTO capture.fetch_sources (
                kind, source, place, next_at, failures, reason, failed_at, credentials, changes,
                failing, denied, lacks)
            VALUES (:kind, :source, :place, :next_at, :failures, :reason, :failed_at,
                    :credentials, :changes, CAST(:failing AS text[]), CAST(:denied AS text[]),
                    :lacks)
            ON CONFLICT (kind, source, place) DO UPDATE
            SET next_at = excluded.next_at, failures = excluded.failures,
                reason = excluded.reason, failed_at = excluded.failed_at,
                credentials = excluded.credentials, changes = excluded.changes,
                failing = excluded.failing, denied = excluded.denied, lacks = excluded.lacks
        """),
        pace._asdict() | {"failing": list(pace.failing), "denied": list(pace.denied)},
    )


async def open_places(tx: Transaction, pace: Pace, now: datetime) -> None:
    """The source goes on: its forms and pages are to show at once whether they do."""
    await tx.execute(
        text("""
            UPDATE capture.fetch_sources SET next_at = least(next_at, :now)
            WHERE kind = :kind AND source = :source AND place <> ''
        """),
        {"kind": pace.kind, "source": pace.source, "now": now},
    )


def _read(row: Row) -> Pace:
    return Pace(**{**row, "failing": tuple(row["failing"]), "denied": tuple(row["denied"])})
