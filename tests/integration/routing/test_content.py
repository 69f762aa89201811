"""A lead's content is text, and what statements ask of it stands beside it."""

from __future__ import annotations

from libs.common.database.migrate import migrate
from libs.common.database.statements import text
from services.migrations import CHAINS
from tests.integration.routing.conftest import Routing, new_id

BEFORE = (
    "ALTER TABLE routing.leads DROP assignment_id, DROP due_at",
    "ALTER TABLE routing.leads ALTER content TYPE jsonb USING CAST(content AS jsonb)",
    "UPDATE routing.schema_version SET version_num = '0009'",
)
BESIDE = "SELECT CAST(assignment_id AS text), due_at FROM routing.leads WHERE id = :id"


async def test_leads_from_before_are_read_and_asked_like_new_ones(routing: Routing) -> None:
    person = new_id()
    lead = await routing.lead(routing.scored(person))
    async with routing.database.transaction() as tx:
        for statement in BEFORE:
            await tx.execute(text(statement))
    await migrate(routing.database, CHAINS)
    assert lead.assignment
    assert lead.deadline
    assert await routing.rows(BESIDE, id=lead.id) == [(lead.assignment.id, lead.deadline.due_at)]
    again = await routing.lead(routing.scored(person))
    assert (again.id, again.touch_count, again.opened_at) == (lead.id, 2, lead.opened_at)


async def test_what_is_asked_of_a_lead_follows_it(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    accepted = await routing.lead(routing.act(lead, "staff.accepted"))
    assert accepted.assignment
    assert await routing.rows(BESIDE, id=lead.id) == [(accepted.assignment.id, None)]
