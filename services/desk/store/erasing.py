"""Tombstones, and rows without what was in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.erasing import emptied
from libs.common.events import Lead
from libs.common.failpoints import fail_point
from services.desk.reading.erasing import EMPTY, LAST, SPEAKING, ids_in
from services.desk.reading.rows import Rows
from services.desk.reading.states import RANKS
from services.desk.store.columns import jsonb

_LEAD: Final = msgspec.json.Decoder(Lead)

_SHARED: Final = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('desk/erasing', 7))")
_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('desk/erasing', 7))")
_FIND: Final = text("""
    SELECT CAST(id AS text) AS id, at FROM desk.erased WHERE id = ANY(CAST(:ids AS uuid[]))
""")
_NOTE: Final = text("""
    INSERT INTO desk.erased (id, kind, at)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]),
                         CAST(:ats AS timestamptz[]))
    ON CONFLICT DO NOTHING
""")
_SUBMISSIONS: Final = text("""
    UPDATE desk.submissions s SET
        state = 'erased', rank = :rank, round = :last, content_round = :last, reason = NULL,
        contact = '{}', attribution = '{}',
        state_at = (SELECT min(e.at) FROM desk.erased e WHERE e.id IN (s.id, s.person_id))
    WHERE id = ANY(CAST(:submissions AS uuid[])) OR person_id = ANY(CAST(:persons AS uuid[]))
    RETURNING CAST(id AS text)
""")
_LEADS: Final = text("""
    SELECT CAST(id AS text) AS id, CAST(body AS text) AS body FROM desk.leads
    WHERE person_id = ANY(CAST(:persons AS uuid[])) ORDER BY id FOR UPDATE
""")
_EMPTY_LEADS: Final = text("""
    UPDATE desk.leads l SET
        state = given.body ->> 'state', body = given.body, search = '', score = 0, score_now = 0,
        temperature = 'cold', temperature_now = 'cold', changes_at = NULL, turns_at = NULL,
        closed_at = CAST(given.body ->> 'closed_at' AS timestamptz), due_at = NULL,
        waits_for = NULL, erased_at = CAST(given.body ->> 'erased_at' AS timestamptz)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:bodies AS jsonb[])) AS given(id, body)
    WHERE l.id = given.id
""")
_LINES: Final = text("""
    UPDATE desk.timeline SET
        text_fa = CASE WHEN kind = ANY(CAST(:speaking AS text[])) THEN text_fa ELSE :fa END,
        text_en = CASE WHEN kind = ANY(CAST(:speaking AS text[])) THEN text_en ELSE :en END,
        data = '{}'
    WHERE submission_id = ANY(CAST(:submissions AS uuid[]))
       OR lead_id = ANY(CAST(:leads AS uuid[]))
       OR (person_id = ANY(CAST(:persons AS uuid[]))
           AND submission_id IS NULL AND lead_id IS NULL)
""")
_DROPS: Final = (
    text("""
        DELETE FROM desk.quarantine
        WHERE submission_id = ANY(CAST(:submissions AS uuid[]))
           OR id = ANY(CAST(:submissions AS uuid[]))
    """),
    text("""
        DELETE FROM desk.dead_letters
        WHERE submission_id = ANY(CAST(:submissions AS uuid[])) OR key = ANY(CAST(:keys AS text[]))
    """),
    text("""
        DELETE FROM desk.timers WHERE id IN (
            SELECT activity_id FROM desk.pending WHERE lead_id = ANY(CAST(:leads AS uuid[])))
    """),
    text("DELETE FROM desk.pending WHERE lead_id = ANY(CAST(:leads AS uuid[]))"),
)


async def lock(tx: Transaction, *, alone: bool) -> None:
    """Erase while nobody else writes, or write while nobody erases: lines have no row to lock."""
    await tx.execute(_ALONE if alone else _SHARED)


async def tombstones(tx: Transaction, ids: Sequence[str]) -> dict[str, datetime]:
    """Those that are erased, with the moment."""
    if not ids:
        return {}
    return {row.id: row.at for row in await tx.execute(_FIND, {"ids": sorted(ids)})}


async def apply(tx: Transaction, rows: Rows) -> None:
    """Keep the tombstones, and empty all that is there of what they are about."""
    found = [rows.erased[id_] for id_ in sorted(rows.erased)]
    await tx.execute(
        _NOTE,
        {
            "ids": [row.id for row in found],
            "kinds": [row.kind for row in found],
            "ats": [row.at for row in found],
        },
    )
    named = {
        "submissions": sorted(ids_in(rows, "submission")),
        "persons": sorted(ids_in(rows, "person")),
    }
    fail_point("desk.erasing.noted")
    ended = await tx.execute(_SUBMISSIONS, {**named, "rank": RANKS["erased"], "last": LAST})
    gone: dict[str, Any] = {
        **named,
        "submissions": sorted({*named["submissions"], *ended.scalars()}),
        "leads": await _empty_leads(tx, rows, named["persons"]),
    }
    told = {"fa": EMPTY.fa, "en": EMPTY.en, "speaking": sorted(SPEAKING)}
    await tx.execute(_LINES, {**gone, **told})
    fail_point("desk.erasing.emptied")
    keys = [*gone["submissions"], *named["persons"]]
    for statement, names in zip(
        _DROPS, (("submissions",), ("submissions", "keys"), ("leads",), ("leads",)), strict=True
    ):
        given = {**gone, "keys": keys}
        await tx.execute(statement, {name: given[name] for name in names})


async def _empty_leads(tx: Transaction, rows: Rows, persons: Sequence[str]) -> list[str]:
    if not persons:
        return []
    found = (await tx.execute(_LEADS, {"persons": list(persons)})).all()
    leads = [_LEAD.decode(row.body) for row in found]
    bodies = [jsonb(emptied(lead, rows.erased[lead.person_id].at)) for lead in leads]
    ids = [row.id for row in found]
    await tx.execute(_EMPTY_LEADS, {"ids": ids, "bodies": bodies})
    return ids


async def whose(tx: Transaction, person_id: str) -> tuple[str, bool] | None:
    """Who a person is now and whether they are erased; None for nobody whom we know."""
    rows = await tx.execute(
        text("""
            SELECT CAST(p.id AS text) AS id, EXISTS (
                SELECT FROM desk.erased e WHERE e.id = p.id) AS is_erased
            FROM (SELECT desk.current_person(CAST(:id AS uuid)) AS id) p
            WHERE EXISTS (SELECT FROM desk.submissions s
                          WHERE s.person_id IN (CAST(:id AS uuid), p.id))
        """),
        {"id": person_id},
    )
    row = rows.first()
    return (row.id, row.is_erased) if row else None
