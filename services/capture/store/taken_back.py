"""What is asked about no more: its sender took it back, or nothing is left of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.events import LeadCaptured


async def withdraw(tx: Transaction, withdrawn: Sequence[LeadCaptured], now: datetime) -> None:
    """Fetch none of these, also where they come only later; who is at it finds the claim gone."""
    known = {each.submission_id: each for each in withdrawn}
    if not known:
        return
    ordered = [known[key] for key in sorted(known)]
    await tx.execute(
        text("""
            INSERT INTO capture.fetches AS f (submission_id, kind, source, item, noted_at, due_at,
                                              readable_until, done_at, error)
            SELECT id, kind, source, '', CAST(:now AS timestamptz), CAST(:now AS timestamptz),
                   CAST(:now AS timestamptz), CAST(:now AS timestamptz), 'withdrawn'
            FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:sources AS text[]))
                 AS new (id, kind, source)
            ORDER BY id
            ON CONFLICT (submission_id) DO UPDATE SET
                done_at = coalesce(f.done_at, excluded.done_at), error = excluded.error,
                item = '', captured = NULL, claim = NULL, claimed_until = NULL
        """),
        {
            "ids": [each.submission_id for each in ordered],
            "kinds": [each.source_kind for each in ordered],
            "sources": [each.source for each in ordered],
            "now": now,
        },
    )


async def close(tx: Transaction, submissions: Sequence[str], now: datetime) -> None:
    """Nothing is kept of what was erased; who is at it finds the claim gone.

    The word may be read before what it speaks of: then its kind and source are not known.
    """
    if not submissions:
        return
    await tx.execute(
        text("""
            INSERT INTO capture.fetches AS f (submission_id, kind, source, item, noted_at, due_at,
                                              readable_until, done_at, error)
            SELECT id, '', '', '', CAST(:now AS timestamptz), CAST(:now AS timestamptz),
                   CAST(:now AS timestamptz), CAST(:now AS timestamptz), 'erased'
            FROM unnest(CAST(:ids AS uuid[])) AS id ORDER BY id
            ON CONFLICT (submission_id) DO UPDATE SET
                done_at = coalesce(f.done_at, excluded.done_at), error = excluded.error,
                item = '', captured = NULL, stranger = NULL, claim = NULL, claimed_until = NULL
        """),
        {"ids": sorted(set(submissions)), "now": now},
    )


async def gone(tx: Transaction, submissions: Sequence[str]) -> set[str]:
    """Those of the submissions that were taken back or erased."""
    if not submissions:
        return set()
    rows = await tx.execute(
        text("""
            SELECT CAST(submission_id AS text) FROM capture.fetches
            WHERE submission_id = ANY(CAST(:ids AS uuid[])) AND error IN ('withdrawn', 'erased')
        """),
        {"ids": list(submissions)},
    )
    return set(rows.scalars())
