"""Routing by the numbers of the delivery rules: one lead, one order, and no second effect."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from datetime import timedelta

import pytest

from libs.common.events import (
    Activity,
    Contact,
    Event,
    LeadRouted,
    NotificationSettled,
    decode,
)
from libs.common.stage import timers
from services.routing.acting.sla import SLA_HALF
from tests.integration.routing.conftest import Routing, new_id


async def test_rule_11_an_older_score_never_overwrites_a_newer(routing: Routing) -> None:
    person = new_id()
    await routing.feed(routing.scored(person, version=5, total=50, stage="mql"))
    older = routing.scored(person, version=4, total=10, contact=Contact(name="X"))
    lead = await routing.lead(older)
    assert (lead.score.total, lead.stage, lead.contact.name) == (50, "mql", "نیلوفر")
    assert lead.touch_count == 2
    assert await routing.feed(routing.rescored(person, version=3)) == []
    lead = await routing.lead(routing.rescored(person, version=6, total=70, temperature="hot"))
    assert (lead.score.total, lead.temperature, lead.version) == (70, "hot", 3)


async def test_rule_17_one_open_lead_a_person_whatever_comes_at_once(routing: Routing) -> None:
    person = new_id()
    stages = [routing.new_stage() for _ in range(2)]
    events = [routing.scored(person) for _ in range(50)]
    answers = await asyncio.gather(
        *(routing.feed(event, stage=stages[n % 2]) for n, event in enumerate(events))
    )
    outcomes = Counter(
        event.data.outcome for a in answers for event in a if isinstance(event.data, LeadRouted)
    )
    assert outcomes == {"assigned": 1, "duplicate": 49}
    assert await routing.rows("SELECT count(*) FROM routing.leads") == [(1,)]
    assert await routing.rows("SELECT count(*) FROM routing.notifications") == [(1,)]


async def test_rule_17_also_for_somebody_whose_lead_was_closed(routing: Routing) -> None:
    person = new_id()
    lead = await routing.lead(routing.scored(person))
    await routing.feed(routing.act(lead, "staff.won"))
    stages = [routing.new_stage() for _ in range(2)]
    await asyncio.gather(
        *(routing.feed(routing.scored(person), stage=stages[n % 2]) for n in range(30))
    )
    rows = await routing.rows("SELECT state, count(*) FROM routing.leads GROUP BY 1 ORDER BY 1")
    assert rows == [("open", 1), ("won", 1)]


async def test_rule_12_slices_in_opposite_order_never_deadlock(routing: Routing) -> None:
    persons = [new_id() for _ in range(60)]
    stages = [routing.new_stage() for _ in range(2)]

    async def slice_of(turn: int) -> None:
        order = persons if turn % 2 else persons[::-1]
        await routing.feed(*(routing.scored(p) for p in order), stage=stages[turn % 2])

    await asyncio.gather(*(slice_of(turn) for turn in range(12)))
    assert await routing.rows("SELECT count(*) FROM routing.leads") == [(60,)]


async def test_rule_28_a_repeat_does_nothing_even_without_the_journal(routing: Routing) -> None:
    person = new_id()
    event = routing.scored(person)
    lead = await routing.lead(event)
    assert await routing.feed(event) == []
    again = Event(new_id(), person, routing.now, event.data)
    assert await routing.feed(again, again) == []
    declined = routing.act(lead, "staff.declined")
    assert len(await routing.feed(declined)) == 3
    assert await routing.feed(declined) == []
    assert await routing.rows("SELECT count(*) FROM routing.assignments") == [(2,)]


async def _due(routing: Routing) -> list[Event]:
    """The events of the timers that are running, taken off; it is the time of the last of them.

    The reminders at half-time are left out: tests/integration/routing/test_deadlines.py.
    """
    async with routing.database.transaction() as tx:
        far = routing.now + timedelta(days=999)
        entries = await timers.claim_due(tx, "routing", far)
    events = [decode(record) for entry in entries for record in entry.answers]
    due = [e for e in events if isinstance(e.data, Activity) and e.data.type != SLA_HALF]
    routing.now = max([routing.now, *(event.time for event in due)])
    return due


async def test_rule_18_an_unaccepted_lead_hops_and_then_the_manager_is_told_once(
    routing: Routing,
) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    [due] = await _due(routing)
    assert isinstance(due.data, Activity)
    assert (due.data.type, due.key) == ("timer.sla_due", lead.person_id)
    assert due.time == lead.assignment.at + timedelta(minutes=10) if lead.assignment else False
    hopped = await routing.lead(due)
    assert hopped.assignment
    assert hopped.assignment.specialist == "ali"
    assert await routing.feed(Event(new_id(), due.key, due.time, due.data)) == []
    [again] = await _due(routing)
    [told] = await routing.planned(again)
    assert (told.kind, told.specialist) == ("escalation", "mina")
    assert told.submission_id == lead.first_touch.submission_id
    [(why,)] = await routing.rows(
        "SELECT why->>'fa' FROM routing.notifications WHERE kind = 'escalation'"
    )
    assert re.fullmatch(
        r"چون \S+ از .*ساعت [۰-۹]{2}:[۰-۹]{2} این سرنخ را دارد و به‌موقع پذیرفته نشد", why
    )
    assert await routing.feed(Event(new_id(), again.key, again.time, again.data)) == []
    assert await _due(routing) == []


async def test_rule_18_a_lead_declined_after_its_escalation_has_a_clock_again(
    routing: Routing,
) -> None:
    await routing.feed(routing.scored(new_id()))
    hopped = await routing.lead(*await _due(routing))
    await routing.feed(*await _due(routing))
    declined = await routing.lead(routing.act(hopped, "staff.declined"))
    assert declined.assignment
    [due] = await _due(routing)
    again = await routing.lead(due)
    assert again.assignment
    assert again.assignment.specialist != declined.assignment.specialist
    [escalated] = await routing.routed(*await _due(routing))
    assert [change.kind for change in escalated.changes] == ["sla_missed", "escalated"]


@pytest.mark.parametrize("action", ["staff.accepted", "staff.contacted", "staff.won"])
async def test_rule_18_an_accepted_lead_makes_its_timer_stale(
    routing: Routing, action: str
) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    [due] = await _due(routing)
    await routing.feed(routing.act(lead, action))
    assert await routing.feed(due) == []


async def test_rule_18_accept_and_lapse_in_one_slice_meet_in_order(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    [due] = await _due(routing)
    first, second = await routing.routed(due, routing.act(lead, "staff.accepted"))
    assert first.lead.assignment
    assert first.lead.assignment.specialist == "ali"
    assert second.lead.accepted_at is not None
    assert await _due(routing) == []


async def test_rule_19_a_lead_that_comes_back_is_told_again(routing: Routing) -> None:
    routing.configure(ONE_TEAM)
    lead = await routing.lead(routing.scored(new_id()))
    for _ in range(2):
        lead = await routing.lead(routing.act(lead, "staff.declined"))
    assert lead.assignment
    assert lead.assignment.specialist == "mina"
    rows = await routing.rows("SELECT recipient, state FROM routing.notifications ORDER BY 2, 1")
    assert rows == [("mina", "failed"), ("omid", "failed"), ("mina", "planned")]


async def test_a_snoozed_lead_comes_back(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    until = (routing.now + timedelta(hours=3)).isoformat()
    lead = await routing.lead(routing.act(lead, "staff.snoozed", until=until))
    assert lead.snoozed_until == routing.now + timedelta(hours=3)
    [due] = await _due(routing)
    [told] = await routing.planned(due)
    assert (told.kind, told.specialist) == ("reminder", "sara")
    assert await routing.feed(Event(new_id(), due.key, due.time, due.data)) == []


async def test_rule_19_each_reminder_of_one_assignment_is_told(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    for _ in range(2):
        until = (routing.now + timedelta(hours=3)).isoformat()
        lead = await routing.lead(routing.act(lead, "staff.snoozed", until=until))
        [due] = await _due(routing)
        [told] = await routing.planned(due)
        assert (told.kind, told.specialist) == ("reminder", "sara")
    rows = await routing.rows(
        "SELECT assignment_id, kind FROM routing.notifications WHERE kind = 'reminder'"
    )
    assert len(rows) == 2
    assert len(set(rows)) == 1


async def test_rule_15_a_second_open_lead_is_closed_into_the_older(routing: Routing) -> None:
    older, younger = new_id(), new_id()
    kept = await routing.lead(routing.scored(older))
    routing.later(minutes=1)
    closed = await routing.lead(routing.scored(younger))
    routing.later(minutes=1)
    joining = routing.scored(older, joined=(younger,))
    answers = await routing.feed(joining)
    routed = [a.data for a in answers if isinstance(a.data, LeadRouted)]
    assert [(r.lead.id, r.lead.state, r.outcome) for r in routed] == [
        (closed.id, "lost", "duplicate"),
        (kept.id, "open", None),
        (kept.id, "open", "duplicate"),
    ]
    assert routed[0].lead.merged_into == kept.id
    assert routed[0].submission_id == closed.first_touch.submission_id
    assert routed[2].lead.touch_count == 3
    assert all(change.cause == joining.id for r in routed for change in r.changes)
    settled = [a.data for a in answers if isinstance(a.data, NotificationSettled)]
    assert [(n.kind, n.specialist, n.state) for n in settled] == [
        ("merged", "ali", "planned"),
        ("assigned", "ali", "failed"),
    ]
    late = await routing.lead(routing.scored(younger))
    assert (late.id, late.person_id, late.touch_count) == (kept.id, older, 4)
    won = await routing.lead(routing.act(closed, "staff.won"))
    assert (won.id, won.state) == (kept.id, "won")
    assert {key.key for key in answers} == {older}


async def test_rule_15_the_retired_persons_lead_moves_to_the_survivor(routing: Routing) -> None:
    survivor, retired, third = new_id(), new_id(), new_id()
    lead = await routing.lead(routing.scored(retired))
    moved, touched = await routing.routed(routing.scored(survivor, joined=(retired,)))
    assert (moved.lead.id, moved.lead.person_id) == (lead.id, survivor)
    assert (touched.lead.id, touched.outcome) == (lead.id, "duplicate")
    await routing.feed(routing.scored(third, joined=(survivor,)))
    late = await routing.lead(routing.scored(retired))
    assert (late.id, late.person_id) == (lead.id, third)


async def test_rule_15_an_older_lead_of_the_retired_person_survives(routing: Routing) -> None:
    survivor, retired = new_id(), new_id()
    older = await routing.lead(routing.scored(retired))
    routing.later(minutes=1)
    younger = await routing.lead(routing.scored(survivor))
    routed = await routing.routed(routing.scored(survivor, joined=(retired,)))
    assert routed[-1].lead.id == older.id
    assert routed[-1].lead.person_id == survivor
    assert routed[0].lead.merged_into == older.id
    assert routed[0].lead.id == younger.id
    assert await routing.rows("SELECT count(*) FROM routing.leads WHERE state = 'open'") == [(1,)]


ONE_TEAM = """
teams:
  - key: reception
    name: reception
    specialists: [{key: mina, name: Mina}, {key: omid, name: Omid}]
routing: {fallback: reception}
"""
