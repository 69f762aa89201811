"""What is to be fetched from platforms, and how each source takes it.

Moments are the caller's. A clock that is wrong on one machine only changes when something is
tried: whose result counts is decided by the claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.events import LeadCaptured
from services.capture.hydrate import Fetching, Pace

_COLUMNS: Final = """
    CAST(submission_id AS text) AS submission_id, item, CAST(captured AS text) AS captured,
    tries, missing
"""


class Noted(NamedTuple):
    """A submission that came without content."""

    captured: LeadCaptured
    item: str
    readable_until: datetime


class Waiting(NamedTuple):
    """A source with submissions that still have no content."""

    kind: str
    source: str
    waiting: int
    oldest: datetime
    reason: str | None


async def note(tx: AsyncConnection, noted: Sequence[Noted], now: datetime) -> None:
    """Remember what is to be fetched; a submission that is known stays as it is."""
    if not noted:
        return
    columns = {
        "ids": [each.captured.submission_id for each in noted],
        "kinds": [each.captured.source_kind for each in noted],
        "sources": [each.captured.source for each in noted],
        "items": [each.item for each in noted],
        "captured": [_json(each.captured) for each in noted],
        "until": [each.readable_until for each in noted],
        "now": now,
    }
    await tx.execute(
        text("""
            INSERT INTO capture.fetch_sources (kind, source, next_at)
            SELECT DISTINCT kind, source, CAST(:now AS timestamptz)
            FROM unnest(CAST(:kinds AS text[]), CAST(:sources AS text[])) AS new (kind, source)
            ORDER BY 1, 2 ON CONFLICT DO NOTHING
        """),
        {name: columns[name] for name in ("kinds", "sources", "now")},
    )
    await tx.execute(
        text("""
            INSERT INTO capture.fetches (submission_id, kind, source, item, captured,
                                         noted_at, due_at, readable_until)
            SELECT id, kind, source, item, CAST(captured AS jsonb),
                   CAST(:now AS timestamptz), CAST(:now AS timestamptz), until
            FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:sources AS text[]),
                        CAST(:items AS text[]), CAST(:captured AS text[]),
                        CAST(:until AS timestamptz[]))
                 AS new (id, kind, source, item, captured, until)
            ORDER BY id ON CONFLICT DO NOTHING
        """),
        columns,
    )


async def list_sources(tx: AsyncConnection) -> list[tuple[str, str]]:
    """Kind and key of each source with something to fetch."""
    rows = await tx.execute(
        text("""
            SELECT kind, source FROM capture.fetch_sources s WHERE EXISTS (
                SELECT FROM capture.fetches f
                WHERE f.kind = s.kind AND f.source = s.source AND f.done_at IS NULL)
            ORDER BY kind, source
        """)
    )
    return [(row.kind, row.source) for row in rows]


async def list_fetching(tx: AsyncConnection) -> list[Waiting]:
    """Every source that was ever fetched from, with what waits now and why it may stand still."""
    rows = await tx.execute(
        text("""
            SELECT s.kind, s.source, count(f.submission_id) AS waiting,
                   coalesce(min(f.noted_at), s.next_at) AS oldest, s.reason
            FROM capture.fetch_sources s LEFT JOIN capture.fetches f
              ON f.kind = s.kind AND f.source = s.source AND f.done_at IS NULL
            GROUP BY s.kind, s.source ORDER BY s.kind, s.source
        """)
    )
    return [Waiting(*row) for row in rows]


async def lock_source(
    tx: AsyncConnection, kind: str, source: str, *, wait: bool = True
) -> Pace | None:
    """How the source is doing, locked; None where nobody knows it or another process has it."""
    rows = await tx.execute(
        text(f"""
            SELECT kind, source, next_at, failures, reason, failed_at, credentials, changes
            FROM capture.fetch_sources WHERE kind = :kind AND source = :source
            FOR UPDATE {"" if wait else "SKIP LOCKED"}
        """),  # noqa: S608 - one of two constants
        {"kind": kind, "source": source},
    )
    row = rows.one_or_none()
    return Pace(*row) if row else None


async def save_source(tx: AsyncConnection, pace: Pace) -> None:
    """Write how a locked source is doing."""
    await tx.execute(
        text("""
            UPDATE capture.fetch_sources
            SET next_at = :next_at, failures = :failures, reason = :reason,
                failed_at = :failed_at, credentials = :credentials, changes = :changes
            WHERE kind = :kind AND source = :source
        """),
        pace._asdict(),
    )


class Claim(NamedTuple):
    """Whose the claimed ones are, and until when."""

    token: str
    now: datetime
    until: datetime


async def claim(tx: AsyncConnection, pace: Pace, most: int, by: Claim) -> list[Fetching]:
    """Take what is due of a locked source, oldest first."""
    rows = await tx.execute(
        text(f"""
            UPDATE capture.fetches SET claim = CAST(:claim AS uuid), claimed_until = :until,
                   tries = tries + 1
            WHERE submission_id IN (
                SELECT submission_id FROM capture.fetches
                WHERE kind = :kind AND source = :source AND done_at IS NULL AND due_at <= :now
                  AND readable_until > :now
                  AND (claimed_until IS NULL OR claimed_until <= :now)
                ORDER BY due_at, submission_id LIMIT :most FOR UPDATE SKIP LOCKED)
            RETURNING {_COLUMNS}
        """),  # noqa: S608 - a constant
        {
            "claim": by.token,
            "until": by.until,
            "now": by.now,
            "kind": pace.kind,
            "source": pace.source,
            "most": most,
        },
    )
    return [_read(row) for row in rows.mappings()]


async def lapsed(tx: AsyncConnection, now: datetime, most: int) -> list[tuple[str, str, str]]:
    """Submission, kind and source of what the platform gives out no longer."""
    rows = await tx.execute(
        text("""
            SELECT CAST(submission_id AS text), kind, source FROM capture.fetches
            WHERE done_at IS NULL AND readable_until <= :now
            ORDER BY readable_until LIMIT :most
        """),
        {"now": now, "most": most},
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def lock_fetch(tx: AsyncConnection, submission_id: str, token: str | None) -> Fetching | None:
    """One that is not done, locked: with a token only while its claim is that one."""
    rows = await tx.execute(
        text(f"""
            SELECT {_COLUMNS} FROM capture.fetches
            WHERE submission_id = CAST(:id AS uuid) AND done_at IS NULL
              AND (CAST(:token AS uuid) IS NULL OR claim = CAST(:token AS uuid))
            FOR UPDATE
        """),  # noqa: S608 - a constant
        {"id": submission_id, "token": token},
    )
    row = rows.mappings().one_or_none()
    return _read(row) if row else None


async def put_off(tx: AsyncConnection, fetching: Fetching, due_at: datetime, error: str) -> None:
    """Try it again then; its claim is over."""
    await tx.execute(
        text("""
            UPDATE capture.fetches SET due_at = :due_at, error = :error, tries = :tries,
                   missing = :missing, claim = NULL, claimed_until = NULL
            WHERE submission_id = CAST(:id AS uuid)
        """),
        {
            "id": fetching.submission_id,
            "due_at": due_at,
            "error": error[:200],
            "tries": fetching.tries,
            "missing": fetching.missing,
        },
    )


async def finish(tx: AsyncConnection, submission_id: str, now: datetime, error: str | None) -> None:
    """It is over for good: the row stays as its key, without what it held."""
    await tx.execute(
        text("""
            UPDATE capture.fetches SET done_at = :now, error = :error, captured = NULL,
                   claim = NULL, claimed_until = NULL
            WHERE submission_id = CAST(:id AS uuid)
        """),
        {"id": submission_id, "now": now, "error": error},
    )


async def bring_forward(tx: AsyncConnection, pace: Pace, now: datetime) -> None:
    """The platform answers again: what was put off is due at once."""
    await tx.execute(
        text("""
            UPDATE capture.fetches SET due_at = :now
            WHERE kind = :kind AND source = :source AND done_at IS NULL AND due_at > :now
              AND missing = 0
        """),
        {"now": now, "kind": pace.kind, "source": pace.source},
    )


def _read(row: RowMapping) -> Fetching:
    captured = msgspec.json.decode(row["captured"], type=LeadCaptured)
    return Fetching(row["submission_id"], row["item"], captured, row["tries"], row["missing"])


def _json(captured: LeadCaptured) -> str:
    return msgspec.json.encode(msgspec.structs.replace(captured, raw=b"")).decode()
