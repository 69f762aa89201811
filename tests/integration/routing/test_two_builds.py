"""Processes of the build before and of this one on the same rows, as while they are restarted."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from libs.common.database import Transaction
from libs.common.database.statements import text
from services.routing.case import Case
from services.routing.store import leads
from tests.integration.routing.conftest import Sending, new_id

SAVE_BEFORE = text("""
    INSERT INTO routing.leads (id, person_id, version, state, specialist, merged_into, content)
    SELECT id, person_id, version, state, specialist, merged_into, CAST(content AS jsonb)
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:persons AS uuid[]), CAST(:versions AS int[]),
        CAST(:states AS text[]), CAST(:specialists AS text[]), CAST(:merged AS uuid[]),
        CAST(:contents AS text[])
    ) AS new (id, person_id, version, state, specialist, merged_into, content)
    ON CONFLICT (id) DO UPDATE SET
        person_id = excluded.person_id, version = excluded.version,
        state = excluded.state, specialist = excluded.specialist,
        merged_into = excluded.merged_into, content = excluded.content
""")
ASK_BEFORE = """
    SELECT n.state FROM routing.notifications n JOIN routing.leads l ON l.id = n.lead_id
    WHERE CAST(n.assignment_id AS text) = l.content -> 'lead' -> 'assignment' ->> 'id'
      AND l.content -> 'lead' ->> 'erased_at' IS NULL
"""


async def save_before(tx: Transaction, cases: Collection[Case]) -> None:
    """As the build before writes leads."""
    await tx.execute(
        SAVE_BEFORE,
        {
            "ids": [case.lead.id for case in cases],
            "persons": [case.lead.person_id for case in cases],
            "versions": [case.lead.version for case in cases],
            "states": [case.lead.state for case in cases],
            "specialists": [case.owner for case in cases],
            "merged": [case.lead.merged_into for case in cases],
            "contents": [leads.json_text(case) for case in cases],
        },
    )


async def test_what_the_build_before_has_written_is_settled_by_this_one(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leads, "save_cases", save_before)
    await sending.routing.feed(sending.routing.scored(new_id()))
    monkeypatch.undo()
    sending.start()
    sending.planned.set()
    await sending.submission("notified")


async def test_what_this_build_has_written_is_asked_by_the_one_before(sending: Sending) -> None:
    await sending.routing.feed(sending.routing.scored(new_id()))
    assert await sending.routing.rows(ASK_BEFORE)
