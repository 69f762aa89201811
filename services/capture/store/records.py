"""Which submissions are of one record of a platform's: what they told, what ends with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.capture.fetching.records import Part


class Taken(NamedTuple):
    """A submission that is taken back with its record, by that record's id."""

    record: str
    part: Part


async def taken_with(
    tx: Transaction, records: Sequence[str], submissions: Sequence[str]
) -> list[Taken]:
    """What is taken back of these records, and these submissions where their record is already.

    Not what was sent after the record was taken back: who comes then is there again. The caller
    has joined those who take back alone, or has only submissions (`taken_back.join`).
    """
    if not records and not submissions:
        return []
    rows = await tx.execute(
        text("""
            SELECT CAST(f.record AS text) AS record, CAST(f.submission_id AS text) AS id,
                   f.kind, f.source
            FROM capture.fetches f JOIN capture.fetches r ON r.submission_id = f.record
            WHERE (f.record = ANY(CAST(:records AS uuid[]))
                   OR f.submission_id = ANY(CAST(:submissions AS uuid[])))
              AND f.submission_id <> f.record AND r.error = 'withdrawn'
              AND coalesce(f.error, '') NOT IN ('withdrawn', 'erased')
              AND f.happened_at <= r.readable_until
            ORDER BY f.submission_id
        """),
        {"records": list(records), "submissions": list(submissions)},
    )
    return [Taken(row.record, Part(row.id, row.kind, row.source)) for row in rows]


async def is_told(
    tx: Transaction, submission_id: str, record: str, told: str, within: timedelta
) -> bool:
    """Whether another submission of the record has told the same, of about the same moment.

    The caller has locked the source, so that of several the first to be read tells it.
    """
    rows = await tx.execute(
        text("""
            SELECT EXISTS (
                SELECT FROM capture.fetches f JOIN capture.fetches one
                    ON one.submission_id = CAST(:id AS uuid)
                WHERE f.record = CAST(:record AS uuid) AND f.told = :told
                  AND f.submission_id <> one.submission_id
                  AND abs(extract(epoch FROM f.happened_at - one.happened_at)) <= :within)
        """),
        {"id": submission_id, "record": record, "told": told, "within": within.total_seconds()},
    )
    return bool(rows.scalar_one())
