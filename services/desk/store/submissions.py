"""Submissions: how far each has come, and what it brought."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.stage.turns import in_groups
from services.desk.reading.rows import SubmissionRow
from services.desk.store.columns import jsonb, plain

_AHEAD: Final = """(excluded.round, excluded.rank, s.state_at)
            > (s.round, s.rank, excluded.state_at)"""
_NEWER: Final = """(excluded.content_round, excluded.content_weight)
            >= (s.content_round, s.content_weight)"""


def _where(condition: str, *columns: str) -> str:
    kept = (f"{c} = CASE WHEN {condition} THEN excluded.{c} ELSE s.{c} END" for c in columns)
    return ", ".join(kept)


_WRITE: Final = text(f"""
    INSERT INTO desk.submissions AS s (
        id, round, rank, state, state_at, reason, source, kind, received_at, lead_id,
        person_id, content_round, content_weight, contact, attribution, content_type,
        raw_size, occurred_at)
    SELECT id, round, rank, state, state_at, reason, source, kind, received_at, lead_id,
           person_id, content_round, content_weight, CAST(contact AS jsonb),
           CAST(attribution AS jsonb), content_type, raw_size, occurred_at
    FROM unnest(CAST(:rows AS desk.submission_sent[]))
    ON CONFLICT (id) DO UPDATE SET
        {_where(_AHEAD, "round", "rank", "state", "state_at", "reason")},
        {_where(_NEWER, "content_round", "content_weight", "contact", "attribution")},
        source = COALESCE(s.source, excluded.source),
        kind = COALESCE(s.kind, excluded.kind),
        received_at = COALESCE(s.received_at, excluded.received_at),
        occurred_at = COALESCE(s.occurred_at, excluded.occurred_at),
        lead_id = COALESCE(excluded.lead_id, s.lead_id),
        person_id = COALESCE(excluded.person_id, s.person_id),
        content_type = COALESCE(s.content_type, excluded.content_type),
        raw_size = COALESCE(s.raw_size, excluded.raw_size)
""")  # noqa: S608 - of this file's own constants


_TESTS: Final = text("""
    UPDATE desk.submissions SET is_test = true
    WHERE id = ANY(CAST(:ids AS uuid[])) AND NOT is_test
""")
"""Apart, as they are few, and processes of the build before send rows without that."""


async def write(tx: Transaction, rows: Sequence[SubmissionRow]) -> None:
    """Advance each by (round, rank); the rest is filled in from whatever comes (rule 11)."""
    sent = [_sent(row) async for some in in_groups(rows) for row in some]
    await asyncio.sleep(0)  # the driver encodes them in one piece (rule 30)
    await tx.execute(_WRITE, {"rows": sent})
    if tests := [row.id for row in rows if row.is_test]:
        await tx.execute(_TESTS, {"ids": tests})


def _sent(row: SubmissionRow) -> tuple[Any, ...]:
    return (
        row.id,
        row.round,
        row.rank,
        row.state,
        row.state_at,
        row.reason,
        plain(row.source),
        row.kind,
        row.received_at,
        row.lead_id,
        row.person_id,
        row.content_round,
        row.content_weight,
        jsonb(row.contact),
        jsonb(row.attribution),
        plain(row.content_type),
        row.raw_size,
        row.occurred_at,
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
