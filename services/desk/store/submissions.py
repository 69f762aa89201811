"""Submissions: how far each has come, and what it brought."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.stage.turns import in_turns
from services.desk.rows import SubmissionRow
from services.desk.store.columns import jsonb, plain

_WRITE: Final = text("""
    INSERT INTO desk.submissions AS s (
        id, round, rank, state, state_at, reason, source, kind, received_at, lead_id,
        person_id, content_round, content_weight, contact, attribution, content_type,
        raw_size, occurred_at)
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:rounds AS int[]), CAST(:ranks AS int[]),
        CAST(:states AS text[]), CAST(:ats AS timestamptz[]), CAST(:reasons AS text[]),
        CAST(:sources AS text[]), CAST(:kinds AS text[]),
        CAST(:received AS timestamptz[]), CAST(:leads AS uuid[]),
        CAST(:persons AS uuid[]), CAST(:content_rounds AS int[]),
        CAST(:weights AS int[]), CAST(:contacts AS jsonb[]),
        CAST(:attributions AS jsonb[]), CAST(:types AS text[]), CAST(:sizes AS int[]),
        CAST(:occurred AS timestamptz[]))
    ON CONFLICT (id) DO UPDATE SET
        (round, rank, state, state_at, reason) = (
            SELECT a.* FROM (VALUES
                (excluded.round, excluded.rank, excluded.state, excluded.state_at,
                 excluded.reason),
                (s.round, s.rank, s.state, s.state_at, s.reason)
            ) AS a (round, rank, state, state_at, reason)
            ORDER BY a.round DESC, a.rank DESC, a.state_at LIMIT 1),
        (content_round, content_weight, contact, attribution) = (
            SELECT c.* FROM (VALUES
                (excluded.content_round, excluded.content_weight, excluded.contact,
                 excluded.attribution),
                (s.content_round, s.content_weight, s.contact, s.attribution)
            ) AS c (round, weight, contact, attribution)
            ORDER BY c.round DESC, c.weight DESC LIMIT 1),
        source = COALESCE(s.source, excluded.source),
        kind = COALESCE(s.kind, excluded.kind),
        received_at = COALESCE(s.received_at, excluded.received_at),
        occurred_at = COALESCE(s.occurred_at, excluded.occurred_at),
        lead_id = COALESCE(excluded.lead_id, s.lead_id),
        person_id = COALESCE(excluded.person_id, s.person_id),
        content_type = COALESCE(s.content_type, excluded.content_type),
        raw_size = COALESCE(s.raw_size, excluded.raw_size)
""")


async def write(tx: Transaction, rows: Sequence[SubmissionRow]) -> None:
    """Advance each by (round, rank); the rest is filled in from whatever comes (rule 11)."""
    contacts = [jsonb(row.contact) async for row in in_turns(rows)]
    attributions = [jsonb(row.attribution) async for row in in_turns(rows)]
    await asyncio.sleep(0)  # the driver encodes them in one piece (rule 30)
    await tx.execute(
        _WRITE,
        {
            "ids": [row.id for row in rows],
            "rounds": [row.round for row in rows],
            "ranks": [row.rank for row in rows],
            "states": [row.state for row in rows],
            "ats": [row.state_at for row in rows],
            "reasons": [row.reason for row in rows],
            "sources": [plain(row.source) for row in rows],
            "kinds": [row.kind for row in rows],
            "received": [row.received_at for row in rows],
            "leads": [row.lead_id for row in rows],
            "persons": [row.person_id for row in rows],
            "content_rounds": [row.content_round for row in rows],
            "weights": [row.content_weight for row in rows],
            "contacts": contacts,
            "attributions": attributions,
            "types": [plain(row.content_type) for row in rows],
            "sizes": [row.raw_size for row in rows],
            "occurred": [row.occurred_at for row in rows],
        },
    )


async def write_survivors(tx: Transaction, pairs: Sequence[tuple[str, str]]) -> None:
    """Remember who a retired person is now."""
    await tx.execute(
        text("""
            INSERT INTO desk.person_redirects (retired, survivor)
            SELECT * FROM unnest(CAST(:retired AS uuid[]), CAST(:survivors AS uuid[])) AS t (a, b)
            WHERE a <> b
            ON CONFLICT (retired) DO UPDATE SET survivor = excluded.survivor
        """),
        {"retired": [pair[0] for pair in pairs], "survivors": [pair[1] for pair in pairs]},
    )


async def find(tx: Transaction, submission_id: str) -> dict[str, Any] | None:
    """One submission with the person that it is of now, and its lead's first and last touch."""
    rows = await tx.execute(
        text("""
            SELECT s.id, s.round, s.rank, s.state, s.reason, s.source, s.kind, s.received_at,
                   s.occurred_at,
                   desk.surviving_lead(s.lead_id) AS lead_id,
                   desk.current_person(s.person_id) AS person_id,
                   s.contact, s.attribution, l.body AS lead
            FROM desk.submissions s LEFT JOIN desk.leads l ON l.id = s.lead_id
            WHERE s.id = CAST(:id AS uuid)
        """),
        {"id": submission_id},
    )
    row = rows.first()
    return dict(row) if row else None


async def step_back(tx: Transaction, submission_id: str, to: str, rank: int, now: int) -> None:
    """A replay begins round `now`: the submission is on its way again from the state `to`."""
    await tx.execute(
        text("""
            UPDATE desk.submissions
            SET round = :now, rank = :rank, state = :to, reason = NULL,
                state_at = clock_timestamp()
            WHERE id = CAST(:id AS uuid) AND round < :now AND state <> 'erased'
        """),
        {"id": submission_id, "to": to, "rank": rank, "now": now},
    )
