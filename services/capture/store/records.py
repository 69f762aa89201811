"""Which submissions are of one record of a platform's: what they told, what ends with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.capture.fetching.records import Part


class Whole(NamedTuple):
    """A submission that came with its content, and the record that it is of."""

    part: Part
    record: str
    happened_at: datetime


class Taken(NamedTuple):
    """A submission that is taken back with its record, by that record's id."""

    record: str
    part: Part


async def note(tx: Transaction, whole: Sequence[Whole], now: datetime) -> None:
    """Remember of which record they are; nothing of them is to be fetched."""
    if not whole:
        return
    await tx.execute(
        text("""
            INSERT INTO capture.fetches (submission_id, kind, source, item, noted_at, due_at,
                                         readable_until, done_at, record, happened_at)
            SELECT id, kind, source, '', CAST(:now AS timestamptz), CAST(:now AS timestamptz),
                   CAST(:now AS timestamptz), CAST(:now AS timestamptz), record, happened
            FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:sources AS text[]),
                        CAST(:records AS uuid[]), CAST(:happened AS timestamptz[]))
                 AS new (id, kind, source, record, happened)
            ORDER BY id ON CONFLICT DO NOTHING
        """),
        {
            "ids": [each.part.submission_id for each in whole],
            "kinds": [each.part.kind for each in whole],
            "sources": [each.part.source for each in whole],
            "records": [each.record for each in whole],
            "happened": [each.happened_at for each in whole],
            "now": now,
        },
    )


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
