"""Leads over a real database: opened, joined, given, moved on, closed and merged."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from libs.common.events import (
    Contact,
    Event,
    LeadRouted,
    NotificationSettled,
)
from tests.integration.routing.conftest import Routing, new_id
from tests.plugins.statements import noted


async def test_a_page_of_seo_goes_to_the_team_whose_turn_it_is(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id(), page="nil.example/خدمات/سئو/لینک‌سازی"))
    assert lead.assignment is not None
    assert (lead.assignment.team, lead.assignment.specialist) == ("seo", "sara")
    assert lead.assignment.rule == "page:nil.example/خدمات/سئو/*"
    assert lead.assignment.why.fa == "چون از صفحهٔ سئو آمده و نوبت سارا بود"
    assert lead.assignment.why.en == "because it came from the SEO page, and it was سارا's turn"
    assert lead.state == "open"
    assert await routing.rows("SELECT state FROM routing.ledger") == [("assigned",)]


async def test_an_unmapped_page_goes_to_the_fallback_team(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id(), page="nil.example/blog/hello"))
    assert lead.assignment is not None
    assert (lead.assignment.team, lead.assignment.rule) == ("reception", "fallback")


async def test_a_later_touch_joins_and_the_owner_hears_after_a_day(routing: Routing) -> None:
    person = new_id()
    lead = await routing.lead(routing.scored(person))
    routing.later(hours=23)
    answers = await routing.feed(routing.scored(person, page="nil.example/pricing"))
    [routed] = [a.data for a in answers]
    assert isinstance(routed, LeadRouted)
    assert (routed.outcome, routed.lead.id, routed.lead.touch_count) == ("duplicate", lead.id, 2)
    assert routed.lead.first_touch == lead.first_touch
    assert routed.lead.last_touch.attribution.page == "nil.example/pricing"
    routing.later(hours=25)
    told = await routing.planned(routing.scored(person))
    assert [(n.kind, n.specialist, n.outcome) for n in told] == [("touched", "sara", None)]


async def test_touches_commute(routing: Routing) -> None:
    person = new_id()
    late, early = routing.now, routing.now - timedelta(hours=30)
    await routing.feed(routing.scored(person, at=late))
    [routed] = await routing.routed(routing.scored(person, at=early))
    assert (routed.lead.first_touch.at, routed.lead.last_touch.at) == (early, late)
    assert await routing.planned(routing.scored(person, at=early)) == []


@pytest.mark.parametrize("end", ["staff.won", "staff.lost"])
async def test_after_the_end_a_new_lead_goes_to_the_same_owner(routing: Routing, end: str) -> None:
    person = new_id()
    await routing.feed(routing.scored(new_id()))
    first = await routing.lead(routing.scored(person))
    assert first.assignment
    assert first.assignment.specialist == "ali"
    closed = await routing.lead(routing.act(first, end, reason="گران بود", amount=12.5))
    assert closed.state == end.removeprefix("staff.")
    second = await routing.lead(routing.scored(person, page="nil.example/other"))
    assert second.id != first.id
    assert second.assignment
    assert (second.assignment.specialist, second.assignment.team) == ("ali", "seo")
    assert second.assignment.rule == "returning_owner"
    assert second.assignment.why.fa == "چون پیش از این هم با علی بوده"


async def test_shares_are_exact_under_concurrency(routing: Routing) -> None:
    stages = [routing.new_stage() for _ in range(2)]

    async def give(turn: int) -> None:
        events = [routing.scored(new_id()) for _ in range(1 + turn % 3)]
        await routing.feed(*events, stage=stages[turn % 2])

    await asyncio.gather(*(give(turn) for turn in range(60)))
    given = await routing.rows("SELECT specialist, count(*) FROM routing.assignments GROUP BY 1")
    assert {row[0]: row[1] for row in given} == {"sara": 60, "ali": 30, "nima": 30}


async def test_a_repeat_in_a_later_round_is_said_again_in_that_round(routing: Routing) -> None:
    event = routing.scored(new_id())
    await routing.feed(event)
    await routing.rows("UPDATE routing.notifications SET state = 'sent' RETURNING id")
    await routing.rows("UPDATE routing.submissions SET state = 'notified' RETURNING lead_id")
    released = Event(new_id(), event.key, routing.now, event.data, round=1)
    first, second = await routing.feed(released)
    assert isinstance(first.data, LeadRouted)
    assert isinstance(second.data, NotificationSettled)
    assert (first.round, first.data.outcome) == (1, "assigned")
    assert (second.round, second.data.outcome, second.data.state) == (1, "notified", "sent")
    assert await routing.feed(released) == []


async def test_decline_goes_to_the_next_and_never_back_at_once(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    owners = [lead.assignment.specialist if lead.assignment else ""]
    for _ in range(3):
        lead = await routing.lead(routing.act(lead, "staff.declined", reason="سرم شلوغ است"))
        assert lead.assignment
        owners.append(lead.assignment.specialist)
    assert owners == ["sara", "ali", "nima", "mina"]
    assert lead.assignment
    assert lead.assignment.team == "reception"
    assert {s.specialist for s in lead.assignment.skipped} == {"sara", "ali", "nima"}
    states = await routing.rows(
        "SELECT recipient, state, error FROM routing.notifications ORDER BY recipient"
    )
    assert states == [
        ("ali", "failed", "superseded"),
        ("mina", "planned", None),
        ("nima", "failed", "superseded"),
        ("sara", "failed", "superseded"),
    ]


async def test_an_action_that_does_not_fit_is_refused_in_words(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    await routing.feed(routing.act(lead, "staff.accepted"))
    action = routing.act(lead, "staff.accepted")
    [routed] = await routing.routed(action)
    [change] = routed.changes
    assert (change.kind, change.cause, change.actor) == ("refused", action.id, "sara")
    assert change.text.en == "This lead is accepted already"
    assert routed.lead.version == 3


async def test_an_activity_of_no_lead_of_ours_is_passed_by(routing: Routing) -> None:
    lead = await routing.lead(routing.scored(new_id()))
    elsewhere = msgspec.structs.replace(lead, id=new_id(), person_id=new_id())
    nonsense = msgspec.structs.replace(lead, id="no id", person_id="either")
    page_view = routing.act(lead, "page_view")
    unknown = routing.act(elsewhere, "staff.won")
    assert await routing.feed(page_view, unknown, routing.act(nonsense, "staff.won")) == []


async def test_the_number_of_statements_does_not_grow_with_the_slice(routing: Routing) -> None:
    await routing.feed(routing.scored(new_id()))  # the team's first lead makes its row
    with noted() as few:
        await routing.feed(*(routing.scored(new_id()) for _ in range(3)))
    with noted() as many:
        await routing.feed(*(routing.scored(new_id()) for _ in range(300)))
    assert len(many) == len(few)


async def test_rule_11_an_older_contact_never_overwrites_a_newer(routing: Routing) -> None:
    person = new_id()
    await routing.feed(routing.scored(person, person_version=2, contact=Contact(name="نو")))
    older = routing.scored(person, person_version=1, contact=Contact(name="کهنه"), total=40)
    lead = await routing.lead(older)
    assert (lead.contact.name, lead.score.total) == ("نو", 40)
