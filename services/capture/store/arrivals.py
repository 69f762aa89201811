"""What came by call, and what only the list had when it was asked, of kinds with a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.capture.reconciling.coming import Came, Listed


class Compared(NamedTuple):
    """What of a source's leads came how, of those that came since some moment."""

    kind: str
    source: str
    missing: int
    """The list had them, and no call ever came."""
    late: int
    """Their call came after the list had brought them."""
    repeated: int
    """Calls beyond each lead's first."""


async def note(tx: Transaction, came: Sequence[Came]) -> None:
    """Keep each once, however often the log tells of it."""
    if not came:
        return
    await tx.execute(
        text("""
            INSERT INTO capture.calls (spool, sequence, submission_id, kind, source, at)
            SELECT * FROM unnest(CAST(:spools AS uuid[]), CAST(:sequences AS bigint[]),
                                 CAST(:ids AS uuid[]), CAST(:kinds AS text[]),
                                 CAST(:sources AS text[]), CAST(:ats AS timestamptz[]))
            ORDER BY 1, 2 ON CONFLICT DO NOTHING
        """),
        {
            "spools": [each.spool for each in came],
            "sequences": [each.sequence for each in came],
            "ids": [each.submission_id for each in came],
            "kinds": [each.kind for each in came],
            "sources": [each.source for each in came],
            "ats": [each.at for each in came],
        },
    )


async def note_listed(tx: Transaction, listed: Sequence[Listed]) -> None:
    """Keep what lists have brought before any call, each once."""
    if not listed:
        return
    await tx.execute(
        text("""
            INSERT INTO capture.listed (submission_id, kind, source, at)
            SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]),
                                 CAST(:sources AS text[]), CAST(:ats AS timestamptz[]))
            ORDER BY 1 ON CONFLICT DO NOTHING
        """),
        {
            "ids": [each.submission_id for each in listed],
            "kinds": [each.kind for each in listed],
            "sources": [each.source for each in listed],
            "ats": [each.at for each in listed],
        },
    )


async def known(tx: Transaction, submissions: Sequence[str]) -> set[str]:
    """Those of the submissions that came, or were to be fetched, or were taken back."""
    rows = await tx.execute(
        text("""
            SELECT CAST(id AS text) FROM unnest(CAST(:ids AS uuid[])) AS id
            WHERE EXISTS (SELECT FROM capture.calls c WHERE c.submission_id = id)
               OR EXISTS (SELECT FROM capture.listed l WHERE l.submission_id = id)
               OR EXISTS (SELECT FROM capture.fetches f WHERE f.submission_id = id)
        """),
        {"ids": list(submissions)},
    )
    return set(rows.scalars())


async def first_call(tx: Transaction, kind: str, source: str) -> datetime | None:
    """When the first call came of those that are remembered."""
    rows = await tx.execute(
        text("SELECT min(at) FROM capture.calls WHERE kind = :kind AND source = :source"),
        {"kind": kind, "source": source},
    )
    found: datetime | None = rows.scalar_one()
    return found


async def compared(tx: Transaction, since: datetime) -> list[Compared]:
    """Every source with a list that was ever pulled."""
    rows = await tx.execute(
        text("""
            SELECT p.kind, p.source,
                   coalesce(l.missing, 0), coalesce(l.late, 0), coalesce(c.repeated, 0)
            FROM (SELECT DISTINCT kind, source FROM capture.pulls) AS p
            LEFT JOIN (
                SELECT kind, source, count(*) FILTER (WHERE NOT called) AS missing,
                       count(*) FILTER (WHERE called) AS late
                FROM (SELECT kind, source, EXISTS (SELECT FROM capture.calls c
                             WHERE c.submission_id = listed.submission_id) AS called
                      FROM capture.listed WHERE at >= :since) AS each
                GROUP BY kind, source
            ) AS l ON l.kind = p.kind AND l.source = p.source
            LEFT JOIN (
                SELECT kind, source, count(*) - count(DISTINCT submission_id) AS repeated
                FROM capture.calls WHERE at >= :since GROUP BY kind, source
            ) AS c ON c.kind = p.kind AND c.source = p.source
            ORDER BY p.kind, p.source
        """),
        {"since": since},
    )
    return [Compared(*row) for row in rows]


async def forget(tx: Transaction, before: datetime, overlap: float, most: int) -> None:
    """Forget what came before, unless a list still reaches back so far.

    `overlap` is in seconds, by which a list is read again before its newest.
    """
    for table, key in (("calls", "(spool, sequence)"), ("listed", "submission_id")):
        columns = key.strip("()")
        await tx.execute(
            text(f"""
                DELETE FROM capture.{table} WHERE {key} IN (
                    SELECT {columns} FROM capture.{table} a
                    WHERE at < :before AND NOT EXISTS (
                        SELECT FROM capture.pulls p WHERE p.kind = a.kind AND p.source = a.source
                          AND p.newest - make_interval(secs => :overlap) <= a.at)
                    ORDER BY at LIMIT :most FOR UPDATE SKIP LOCKED
                )
            """),  # noqa: S608 - constants
            {"before": before, "overlap": overlap, "most": most},
        )
