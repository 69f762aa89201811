"""The lines of every story."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.stage.turns import in_groups
from services.desk.reading.rows import TimelineRow
from services.desk.store.columns import jsonb, plain

MOST_OF_PERSON: Final = 500
"""Lines about a person alone, visits above all, that are kept: a page shows no more."""
MOST_DROPPED: Final = 2_000
"""Of them, those that a slice lets go of for one person."""


_WRITE: Final = text("""
    INSERT INTO desk.timeline (
        event_id, n, submission_id, lead_id, person_id, at, place, kind, actor, cause,
        text_fa, text_en, data)
    SELECT event_id, n, submission_id, lead_id, person_id, at, place, kind, actor, cause,
           text_fa, text_en, CAST(data AS jsonb)
    FROM unnest(CAST(:rows AS desk.line_sent[]))
    ON CONFLICT (event_id, n) DO NOTHING
""")


async def write(tx: Transaction, rows: Sequence[TimelineRow]) -> None:
    """Add the lines; a repeated event adds none."""
    sent = [_sent(row) async for some in in_groups(rows) for row in some]
    await asyncio.sleep(0)  # the driver encodes them in one piece (rule 30)
    await tx.execute(_WRITE, {"rows": sent})
    lines = [row.line for row in rows]
    persons = {
        line.person_id
        for line in lines
        if line.person_id and line.submission_id is None and line.lead_id is None
    }
    if persons:
        await _keep_latest(tx, sorted(persons))


def _sent(row: TimelineRow) -> tuple[Any, ...]:
    line = row.line
    return (
        row.event_id,
        row.n,
        line.submission_id,
        line.lead_id,
        line.person_id,
        line.at,
        line.place,
        plain(line.kind),
        plain(line.actor),
        line.cause,
        plain(line.text.fa),
        plain(line.text.en),
        jsonb(line.data),
    )


async def _keep_latest(tx: Transaction, persons: Sequence[str]) -> None:
    """Drop what no page shows of persons' own lines: whoever knows a visitor id may add to them.

    What another slice holds is left to the next.
    """
    await tx.execute(
        text("""
            DELETE FROM desk.timeline WHERE ctid = ANY(ARRAY(
                SELECT t.ctid FROM unnest(CAST(:persons AS uuid[])) AS wanted(id)
                CROSS JOIN LATERAL (
                    SELECT event_id, n FROM desk.timeline
                    WHERE person_id = wanted.id AND submission_id IS NULL AND lead_id IS NULL
                    ORDER BY at DESC, place DESC, event_id, n DESC
                    OFFSET :most LIMIT :at_once
                ) AS beyond
                JOIN desk.timeline t ON t.event_id = beyond.event_id AND t.n = beyond.n
                FOR UPDATE OF t SKIP LOCKED))
        """),
        {"persons": persons, "most": MOST_OF_PERSON, "at_once": MOST_DROPPED},
    )


_SHOWN = "at, kind, actor, text_fa, text_en, data"


async def of_submission(tx: Transaction, submission_id: str) -> list[dict[str, Any]]:
    """What happened to one submission, newest first."""
    rows = await tx.execute(
        text(f"""
            SELECT {_SHOWN} FROM desk.timeline WHERE submission_id = CAST(:id AS uuid)
            ORDER BY at DESC, place DESC, event_id, n DESC LIMIT 500
        """),  # noqa: S608 - the columns are a constant above
        {"id": submission_id},
    )
    return [dict(row) for row in rows]


async def of_lead(tx: Transaction, lead_id: str, person_id: str) -> list[dict[str, Any]]:
    """What happened to a lead, its submissions and its person, newest first."""
    rows = await tx.execute(
        text(f"""
            WITH mine AS (
                SELECT id FROM desk.joined_leads(CAST(:lead AS uuid)) AS id
            ), told AS (
                SELECT * FROM desk.timeline WHERE lead_id IN (SELECT id FROM mine)
                UNION
                SELECT t.* FROM desk.timeline t JOIN desk.submissions s ON s.id = t.submission_id
                WHERE s.lead_id IN (SELECT id FROM mine)
                UNION
                SELECT * FROM desk.timeline
                WHERE submission_id IS NULL AND lead_id IS NULL AND person_id IN (
                    SELECT CAST(:person AS uuid) UNION
                    SELECT retired FROM desk.person_redirects
                    WHERE survivor = CAST(:person AS uuid))
            )
            SELECT {_SHOWN} FROM told
            ORDER BY at DESC, place DESC, event_id, n DESC LIMIT 500
        """),  # noqa: S608 - the columns are a constant above
        {"lead": lead_id, "person": person_id},
    )
    return [dict(row) for row in rows]


async def caused_by(tx: Transaction, event_id: str) -> dict[str, Any] | None:
    """The first change that an event of ours led to, once the read model has it."""
    rows = await tx.execute(
        text(f"""
            SELECT {_SHOWN} FROM desk.timeline WHERE cause = CAST(:id AS uuid)
            ORDER BY (kind = 'refused') DESC, n LIMIT 1
        """),  # noqa: S608 - the columns are a constant above
        {"id": event_id},
    )
    row = rows.first()
    return dict(row) if row else None


async def told_by(tx: Transaction, event_id: str) -> dict[str, Any] | None:
    """The line that an event of ours itself is, once the read model has it."""
    rows = await tx.execute(
        text(f"""
            SELECT {_SHOWN} FROM desk.timeline WHERE event_id = CAST(:id AS uuid) AND n = 0
        """),  # noqa: S608 - the columns are a constant above
        {"id": event_id},
    )
    row = rows.first()
    return dict(row) if row else None
