"""A platform's changed resend is a touch of the lead, once, in whatever order it comes."""

from __future__ import annotations

import random
from datetime import timedelta

import msgspec

from libs.common.events import (
    Activity,
    Attribution,
    Contact,
    Event,
    LeadRouted,
    NotificationSettled,
    Touch,
)
from tests.integration.routing.conftest import Routing, new_id

BROUGHT = Contact(name="نیلوفر", phone="+989121234567", email="a@nil.example")


def said(routing: Routing, person: str, submission: str, message: str, **hours: float) -> Event:
    """A later message of the conversation whose submission that is."""
    event = resent(routing, person, submission, **hours)
    assert isinstance(event.data, Activity)
    touch = {**event.data.data["touch"], "message": message}
    facts = {**event.data.data, "kind": "chat", "message": message, "touch": touch}
    return msgspec.structs.replace(event, data=msgspec.structs.replace(event.data, data=facts))


def resent(routing: Routing, person: str, submission: str, **hours: float) -> Event:
    """The resend of a submission, so many hours later."""
    at = routing.now + timedelta(**(hours or {"minutes": 1}))
    page = "nil.example/services/seo"
    touch = Touch(submission, "webhook", "hub", at, Attribution(page=page))
    told = {
        "source": "hub",
        "contact": msgspec.to_builtins(BROUGHT),
        "touch": msgspec.to_builtins(touch),
        "person": msgspec.to_builtins(BROUGHT),
        "person_version": 2,
    }
    activity = Activity(
        new_id(), "submission.resent", at, person_id=person, submission_id=submission, data=told
    )
    return Event(new_id(), person, at, activity)


async def test_rule_01_a_resend_is_a_touch_and_ends_no_submission(routing: Routing) -> None:
    person, submission = new_id(), new_id()
    await routing.feed(routing.scored(person, submission_id=submission, person_version=1))
    again = resent(routing, person, submission)
    answers = [event.data for event in await routing.feed(again)]
    [routed] = answers
    assert isinstance(routed, LeadRouted)
    assert (routed.submission_id, routed.outcome) == (None, None)
    assert routed.lead.touch_count == 2
    assert routed.lead.last_touch.source == "hub"
    assert routed.lead.contact == BROUGHT
    assert [change.kind for change in routed.changes] == ["touched"]
    assert await routing.feed(again, again) == []
    assert await routing.rows("SELECT state FROM routing.ledger") == [("assigned",)]


async def test_a_name_that_follows_is_no_touch_and_disturbs_nobody(routing: Routing) -> None:
    person, submission = new_id(), new_id()
    await routing.feed(routing.scored(person, submission_id=submission, person_version=1))
    named = resent(routing, person, submission, hours=30)
    assert isinstance(named.data, Activity)
    data = msgspec.structs.replace(named.data, data={**named.data.data, "supplement": True})
    answers = [
        event.data for event in await routing.feed(msgspec.structs.replace(named, data=data))
    ]
    [routed] = answers
    assert isinstance(routed, LeadRouted)
    assert (routed.lead.touch_count, routed.lead.last_touch.kind) == (1, "form")
    assert routed.lead.contact == BROUGHT
    assert [change.kind for change in routed.changes] == ["named"]


async def test_rule_01_a_resend_in_any_order_counts_once(routing: Routing) -> None:
    chance = random.Random(1)  # noqa: S311 - which order is not a secret
    for _ in range(12):
        person, submission = new_id(), new_id()
        first = routing.scored(person, submission_id=submission, person_version=1)
        events = [first, *(resent(routing, person, submission) for _ in range(2))]
        events += chance.choices(events, k=3)
        chance.shuffle(events)
        routed: list[LeadRouted] = []
        while events:
            cut = chance.randint(1, 3)
            routed += await routing.routed(*events[:cut])
            events = events[cut:]
        lead = max((one.lead for one in routed), key=lambda lead: lead.version)
        assert lead.touch_count == 3
        assert lead.contact == BROUGHT
    assert await routing.rows("SELECT * FROM routing.resends") == []


async def test_a_resend_tells_the_owner_only_after_a_day(routing: Routing) -> None:
    person, submission = new_id(), new_id()
    await routing.feed(routing.scored(person, submission_id=submission))
    assert await routing.planned(resent(routing, person, submission, hours=3)) == []
    told = await routing.planned(resent(routing, person, submission, hours=28))
    assert [(n.kind, n.outcome) for n in told] == [("touched", None)]
    assert all(isinstance(one, NotificationSettled) for one in told)


async def test_a_resend_of_a_closed_lead_leaves_it_closed(routing: Routing) -> None:
    person, submission = new_id(), new_id()
    lead = await routing.lead(routing.scored(person, submission_id=submission))
    await routing.feed(routing.act(lead, "staff.lost", reason="گران بود"))
    [routed] = await routing.routed(resent(routing, person, submission, hours=30))
    assert (routed.lead.state, routed.lead.touch_count) == ("lost", 2)


async def test_a_resend_that_tells_of_no_touch_is_left_alone(routing: Routing) -> None:
    odd = Activity(new_id(), "submission.resent", routing.now, submission_id="x", data={"touch": 1})
    assert await routing.feed(Event(new_id(), "x", routing.now, odd)) == []


async def test_a_later_message_is_told_as_one_in_a_chat(routing: Routing) -> None:
    person, submission = new_id(), new_id()
    await routing.feed(routing.scored(person, submission_id=submission, person_version=1))
    [routed] = await routing.routed(said(routing, person, submission, new_id(), hours=3))
    assert routed.lead.touch_count == 2
    assert routed.changes[0].text.en == "The message was added to this lead"
    [told] = await routing.planned(said(routing, person, submission, new_id(), hours=28))
    assert told.kind == "touched"
    [(why,)] = await routing.rows(
        "SELECT why ->> 'en' FROM routing.notifications WHERE kind = 'touched'"
    )
    assert why == "Wrote again in the same chat"


async def test_a_message_that_finds_its_lead_closed_begins_anew(routing: Routing) -> None:
    person, submission, message = new_id(), new_id(), new_id()
    lead = await routing.lead(routing.scored(person, submission_id=submission))
    await routing.feed(routing.act(lead, "staff.lost", reason="گران بود"))
    wrote = said(routing, person, submission, message)
    [asked] = [event.data for event in await routing.feed(wrote)]
    assert isinstance(asked, Activity)
    assert (asked.type, asked.person_id) == ("submission.anew", person)
    assert (asked.submission_id, asked.data) == (submission, {"message": message})
    assert await routing.feed(wrote) == []
    opened = await routing.lead(routing.scored(person, submission_id=message))
    assert (opened.state, opened.id != lead.id) == ("open", True)
    [routed] = await routing.routed(said(routing, person, submission, new_id()))
    assert (routed.lead.id, routed.lead.touch_count) == (opened.id, 2)


async def test_what_only_follows_a_message_opens_nothing(routing: Routing) -> None:
    person, submission = new_id(), new_id()
    lead = await routing.lead(routing.scored(person, submission_id=submission))
    await routing.feed(routing.act(lead, "staff.lost", reason="گران بود"))
    named = said(routing, person, submission, new_id())
    assert isinstance(named.data, Activity)
    data = msgspec.structs.replace(named.data, data={**named.data.data, "supplement": True})
    [routed] = await routing.routed(msgspec.structs.replace(named, data=data))
    assert (routed.lead.id, routed.lead.state) == (lead.id, "lost")


async def test_rule_03_messages_of_one_second_come_in_any_order(routing: Routing) -> None:
    wrote = [new_id(), new_id()]
    last = []
    for order in (wrote, wrote[::-1]):
        person, submission = new_id(), new_id()
        await routing.feed(routing.scored(person, submission_id=submission, person_version=1))
        words = [said(routing, person, submission, message) for message in order]
        last.append((await routing.lead(*words)).last_touch.message)
    assert last == [max(wrote)] * 2
