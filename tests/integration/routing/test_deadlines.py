"""The time to accept: a reminder at half-time, once, and clocks that a new file does not move."""

from __future__ import annotations

from datetime import timedelta

import pytest

from libs.common.events import Activity, Event, Lead, decode
from libs.common.stage import timers
from services.routing.sla import SLA_DUE, SLA_HALF
from tests.integration.routing.conftest import FILE, Routing, new_id


async def due(routing: Routing, kind: str) -> list[Event]:
    """The events of one kind of timer that are due by now; all of those due are taken off."""
    async with routing.database.transaction() as tx:
        entries = await timers.claim_due(tx, "routing", routing.now)
    events = [decode(record) for entry in entries for record in entry.answers]
    return [e for e in events if isinstance(e.data, Activity) and e.data.type == kind]


async def half_over(routing: Routing) -> tuple[Lead, Event]:
    lead = await routing.lead(routing.scored(new_id()))
    routing.later(minutes=5)
    [half] = await due(routing, SLA_HALF)
    return lead, half


async def test_rule_19_the_owner_is_reminded_once_at_half_time(routing: Routing) -> None:
    lead, half = await half_over(routing)
    [told] = await routing.planned(half)
    assert (told.kind, told.specialist) == ("reminder", "sara")
    assert await routing.feed(half) == []
    routing.later(minutes=5)
    [over] = await due(routing, SLA_DUE)
    hopped = await routing.lead(over)
    assert hopped.deadline
    assert hopped.deadline.since == routing.now
    assert lead.deadline
    assert lead.deadline.due_at == routing.now
    routing.later(minutes=5)
    [again] = await due(routing, SLA_HALF)
    [told] = await routing.planned(again)
    assert (told.kind, told.specialist) == ("reminder", "ali")


@pytest.mark.parametrize("action", ["staff.accepted", "staff.won", "staff.declined"])
async def test_rule_18_a_reminder_is_stale_once_somebody_has_acted(
    routing: Routing, action: str
) -> None:
    lead, half = await half_over(routing)
    acted = await routing.lead(routing.act(lead, action))
    assert (acted.deadline is None) == (action != "staff.declined")
    assert await routing.feed(half) == []


async def test_a_reminder_that_comes_after_the_whole_time_is_not_sent(routing: Routing) -> None:
    _lead, half = await half_over(routing)
    routing.later(minutes=5)
    assert await routing.feed(half) == []


async def test_clocks_that_run_go_on_when_the_configuration_changes(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    routing.configure(FILE.replace("accept_within: 10m", "accept_within: 3h"))
    touched = await routing.lead(routing.scored(lead.person_id))
    assert touched.deadline == lead.deadline
    routing.later(minutes=10)
    [over] = await due(routing, SLA_DUE)
    hopped = await routing.lead(over)
    assert hopped.deadline
    assert hopped.deadline.due_at == routing.now + timedelta(hours=3)
