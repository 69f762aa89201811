"""What is asked about no more: its sender took it back, or nothing is left of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.capture.fetching.records import Part

_SHARED: Final = text(
    "SELECT pg_advisory_xact_lock_shared(hashtextextended('capture/taken-back', 7))"
)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('capture/taken-back', 7))")


async def join(tx: Transaction, *, taking_back: bool) -> None:
    """Let a slice that takes back and every other one wait for each other.

    An answer that is owed has no row yet which the other could find or wait for; and of a fetch
    each writes in more than one statement, so rows in their order would not do. Taken before any
    row of `handle`, so that nobody who waits here holds what the other needs.
    """
    await tx.execute(_ALONE if taking_back else _SHARED)


def _moment(part: Part) -> datetime:
    return part.taken_back_at or _LONG_AGO


async def withdraw(tx: Transaction, withdrawn: Sequence[Part], now: datetime) -> None:
    """Fetch none of these, also where they come only later; who is at it finds the claim gone.

    From now on the platform gives it out no longer, nor what is of it as a record; a later word
    counts from its own moment.
    """
    known = {each.submission_id: each for each in sorted(withdrawn, key=_moment)}
    if not known:
        return
    ordered = [known[key] for key in sorted(known)]
    await tx.execute(
        text("""
            INSERT INTO capture.fetches AS f (submission_id, kind, source, item, noted_at, due_at,
                                              readable_until, done_at, error, happened_at)
            SELECT id, kind, source, '', CAST(:now AS timestamptz), CAST(:now AS timestamptz),
                   CAST(:now AS timestamptz), CAST(:now AS timestamptz), 'withdrawn', at
            FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:sources AS text[]),
                        CAST(:ats AS timestamptz[])) AS new (id, kind, source, at)
            ORDER BY id
            ON CONFLICT (submission_id) DO UPDATE SET
                done_at = coalesce(f.done_at, excluded.done_at), error = excluded.error,
                readable_until = CASE WHEN f.error = 'withdrawn'
                    THEN greatest(f.readable_until, excluded.happened_at)
                    ELSE excluded.readable_until END,
                item = '', captured = NULL, stranger = NULL, claim = NULL, claimed_until = NULL,
                told = NULL
        """),
        {
            "ids": [each.submission_id for each in ordered],
            "kinds": [each.kind for each in ordered],
            "sources": [each.source for each in ordered],
            "ats": [each.taken_back_at for each in ordered],
            "now": now,
        },
    )


async def close(tx: Transaction, submissions: Sequence[str], now: datetime) -> None:
    """Nothing is kept of what was erased; who is at it finds the claim gone.

    The word may be read before what it speaks of, so a row without a kind stands for that: whoever
    else writes this key waits for it. It is to be fetched by nobody and in no book. What its
    sender took back stays so: what is of it as a record may come later.
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
                done_at = coalesce(f.done_at, excluded.done_at),
                error = CASE WHEN f.error = 'withdrawn' THEN f.error ELSE excluded.error END,
                item = '', captured = NULL, stranger = NULL, claim = NULL, claimed_until = NULL,
                told = NULL
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


async def forget(tx: Transaction, before: datetime) -> None:
    """Drop tombstones of what never was to be fetched; by now nothing of it is read any more."""
    await tx.execute(
        text("DELETE FROM capture.fetches WHERE kind = '' AND noted_at < :before"),
        {"before": before},
    )
