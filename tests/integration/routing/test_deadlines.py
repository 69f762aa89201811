"""The time to accept: a reminder at half-time, once, and clocks that a new file does not move."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from libs.common.configuration import Configurations
from libs.common.events import Activity, Event, Lead, decode
from libs.common.stage import timers
from services.routing.acting.sla import SLA_DUE, SLA_HALF
from services.routing.stage import RoutingStage
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


async def test_rule_18_a_timer_that_is_read_before_its_time_is_planned_again(
    routing: Routing,
) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    assert lead.deadline
    async with routing.database.transaction() as tx:
        entries = await timers.claim_due(tx, "routing", lead.deadline.due_at)
    early = [decode(record) for entry in entries for record in entry.answers]
    assert len(early) == 2
    assert await routing.feed(*early) == []
    assert await routing.feed(*early) == []
    routing.later(minutes=10)
    async with routing.database.transaction() as tx:
        entries = await timers.claim_due(tx, "routing", routing.now)
    again = [decode(record) for entry in entries for record in entry.answers]
    assert len(again) == 2
    assert {event.id for event in again}.isdisjoint(event.id for event in early)
    over = [e for e in again if isinstance(e.data, Activity) and e.data.type == SLA_DUE]
    moved = await routing.lead(*over)
    assert moved.assignment
    assert lead.assignment
    assert moved.assignment.specialist != lead.assignment.specialist


async def test_a_timer_that_was_planned_again_falls_away_with_its_lead(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    assert lead.deadline
    async with routing.database.transaction() as tx:
        entries = await timers.claim_due(tx, "routing", lead.deadline.due_at)
    early = [decode(record) for entry in entries for record in entry.answers]
    assert await routing.feed(*early) == []
    await routing.lead(routing.act(lead, "staff.accepted"))
    assert await routing.rows("SELECT id FROM routing.timers") == []


async def test_invariant_27_a_members_own_clock_neither_fires_timers_nor_dates_leads(
    routing: Routing,
) -> None:
    configurations = Configurations(routing.file, routing.database)
    stage = RoutingStage(configurations, asyncio.Event())
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        lead = await routing.lead(routing.scored(new_id()), stage=stage)
        [(now,)] = await routing.rows("SELECT clock_timestamp()")
        assert abs(lead.opened_at - now) < timedelta(minutes=1)
        async with routing.database.transaction() as tx:
            assert await timers.claim_due(tx, "routing") == []
