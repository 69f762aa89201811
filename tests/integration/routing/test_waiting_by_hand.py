"""Staff and a waiting lead: given by hand, taken, closed, joined, touched."""

from __future__ import annotations

import msgspec
import pytest

from libs.common.events import Activity, Event, LeadRouted, NotificationSettled
from tests.integration.routing.conftest import Routing, new_id
from tests.integration.routing.waiting import ONE_SEAT, counts_are_true, look, owner


async def _two(routing: Routing) -> Event:
    """Sara has a lead; another waits, whose event this is."""
    routing.configure(ONE_SEAT)
    await routing.feed(routing.scored(new_id()))
    routing.later(minutes=1)
    return routing.scored(new_id())


async def test_staff_may_give_a_waiting_lead_to_anybody(routing: Routing) -> None:
    waits = await routing.lead(await _two(routing))
    accepted = routing.act(waits, "staff.declined")
    [refused] = await routing.routed(accepted)
    assert refused.changes[0].text.en == "Nobody has this lead yet"
    [moved] = await routing.routed(routing.act(waits, "staff.reassigned", specialist="sara"))
    assert (owner(moved.lead), moved.outcome, moved.lead.waiting) == ("sara", "assigned", None)
    assert await routing.rows("SELECT lead_id FROM routing.waiting") == []
    await counts_are_true(routing)


@pytest.mark.parametrize("action", ["staff.accepted", "staff.contacted", "staff.won"])
async def test_whoever_acts_on_a_waiting_lead_takes_it(routing: Routing, action: str) -> None:
    waits = await routing.lead(await _two(routing))
    [taken] = await routing.routed(routing.act(waits, action))
    assert taken.lead.assignment
    assert (owner(taken.lead), taken.lead.assignment.rule, taken.outcome) == (
        "sara",
        "taken",
        "assigned",
    )
    await counts_are_true(routing)


async def test_a_waiting_lead_that_is_closed_by_no_specialist_is_the_managers(
    routing: Routing,
) -> None:
    waits = await routing.lead(await _two(routing))
    event = routing.act(waits, "staff.lost", reason="spam")
    assert isinstance(event.data, Activity)
    by_token = msgspec.structs.replace(event.data, actor="staff")
    answers = await routing.feed(msgspec.structs.replace(event, data=by_token))
    routed, *told = [answer.data for answer in answers]
    assert isinstance(routed, LeadRouted)
    assert (owner(routed.lead), routed.lead.state, routed.outcome) == ("mina", "lost", "assigned")
    assert isinstance(told[0], NotificationSettled)
    assert (told[0].kind, told[0].specialist) == ("assigned", "mina")
    assert await routing.rows("SELECT lead_id FROM routing.waiting") == []
    await counts_are_true(routing)


async def test_rule_15_a_waiting_lead_joins_the_persons_other_lead_whichever_is_older(
    routing: Routing,
) -> None:
    routing.configure(ONE_SEAT)
    older, younger = new_id(), new_id()
    await routing.feed(routing.scored(older))
    routing.later(minutes=1)
    await routing.feed(routing.scored(younger))
    routed = await routing.routed(routing.scored(older, joined=(younger,)))
    assert [(r.lead.state, r.outcome) for r in routed] == [
        ("lost", "duplicate"),
        ("open", None),
        ("open", "duplicate"),
    ]
    assert await routing.rows("SELECT lead_id FROM routing.waiting") == []
    waits, late = new_id(), new_id()
    routing.later(minutes=1)
    await routing.feed(routing.scored(waits))
    routing.later(minutes=1)
    other = await routing.lead(routing.scored(late, page="nil.example/blog"))
    assert owner(other) == "mina"
    routed = await routing.routed(routing.scored(waits, joined=(late,)))
    assert [(owner(r.lead), r.outcome) for r in routed] == [
        ("mina", "duplicate"),
        (None, None),
        ("mina", "assigned"),
        ("mina", "duplicate"),
    ]
    await counts_are_true(routing)


async def test_a_touch_of_a_waiting_lead_joins_it_and_a_later_round_is_answered(
    routing: Routing,
) -> None:
    event = await _two(routing)
    waits = await routing.lead(event)
    [touched] = await routing.routed(routing.scored(waits.person_id, temperature="hot"))
    assert (touched.lead.id, touched.outcome, owner(touched.lead)) == (waits.id, "duplicate", None)
    [again] = await routing.routed(Event(new_id(), event.key, routing.now, event.data, round=1))
    assert again.outcome == "waiting"
    await routing.rows("UPDATE routing.loads SET open = 0 RETURNING open")
    [seat] = await look(routing)
    answers = await routing.feed(seat)
    assert {answer.round for answer in answers} == {1}
