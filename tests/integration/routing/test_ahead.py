"""After a restore of the database, what staff did is read before its lead, and is not lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from libs.common.database.statements import text
from libs.common.events import Activity, Event, LeadRouted, decode
from libs.common.stage import timers
from services.routing.acting.ahead import LONGEST_WAIT
from services.routing.acting.sla import SLA_DUE
from tests.integration.routing.conftest import Routing, new_id
from tests.integration.routing.waiting import counts_are_true


async def due(routing: Routing) -> list[Event]:
    async with routing.database.transaction() as tx:
        entries = await timers.claim_due(tx, "routing", routing.now)
    return [decode(record) for entry in entries for record in entry.answers]


async def forget(routing: Routing) -> None:
    """The database is one from before anything came."""
    tables = ("notifications", "assignments", "leads", "submissions", "actions", "timers")
    async with routing.database.transaction() as tx:
        for table in (*tables, "persons", "loads"):
            await tx.execute(text(f"TRUNCATE routing.{table} CASCADE"))


@pytest.mark.parametrize("at_once", [False, True])
async def test_an_action_waits_for_its_lead(routing: Routing, *, at_once: bool) -> None:
    scored = routing.scored(new_id())
    lead = await routing.lead(scored)
    acted = []
    for kind, data in (("accepted", {}), ("contacted", {}), ("lost", {"reason": "x"})):
        routing.later(minutes=1)
        acted.append(routing.act(lead, f"staff.{kind}", **data))
    await forget(routing)
    if at_once:
        answers = await routing.feed(*reversed(acted), scored)
    else:
        assert await routing.feed(*reversed(acted)) == []
        assert await routing.feed(acted[0]) == []
        answers = await routing.feed(scored)
    routed = [event.data for event in answers if isinstance(event.data, LeadRouted)]
    assert routed[-1].lead.state == "lost"
    kinds = [change.kind for one in routed for change in one.changes]
    assert kinds[-3:] == ["accepted", "contacted", "lost"]
    assert [one.lead.version for one in routed] == sorted({one.lead.version for one in routed})
    assert await routing.feed(*acted, scored) == []
    assert await routing.rows("SELECT 1 FROM routing.ahead") == []
    await counts_are_true(routing)


async def test_a_timer_that_met_no_lead_silences_no_later_one(routing: Routing) -> None:
    scored = routing.scored(new_id())
    lead = await routing.lead(scored)
    routing.later(minutes=10)
    before = await due(routing)
    await forget(routing)
    assert await routing.feed(*before) == []
    again = await routing.lead(scored)
    assert again.assignment
    assert lead.assignment
    assert again.assignment.id == lead.assignment.id
    routing.later(minutes=10)
    after = await due(routing)
    assert {event.id for event in after}.isdisjoint(event.id for event in before)
    over = [e for e in after if isinstance(e.data, Activity) and e.data.type == SLA_DUE]
    moved = await routing.lead(*over)
    assert moved.assignment
    assert moved.assignment.specialist != lead.assignment.specialist
    assert await routing.rows("SELECT 1 FROM routing.ahead") == []


async def test_what_can_meet_no_lead_any_more_does_not_wait(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    old = routing.act(lead, "staff.won")
    await forget(routing)
    assert await routing.feed(old) == []
    assert len(await routing.rows("SELECT 1 FROM routing.ahead")) == 1
    routing.later(seconds=(LONGEST_WAIT + timedelta(minutes=1)).total_seconds())
    assert await routing.feed(Event(new_id(), old.key, old.time, old.data)) == []
    nobody = Activity(new_id(), "staff.won", routing.now, "sara", lead_id="not an id")
    fresh = routing.act(lead, "staff.accepted")
    assert await routing.feed(Event(nobody.activity_id, "x", routing.now, nobody), fresh) == []
    assert [str(row[0]) for row in await routing.rows("SELECT event_id FROM routing.ahead")] == [
        fresh.id
    ]
