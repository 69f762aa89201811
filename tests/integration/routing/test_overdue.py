"""Whoever writes again reaches somebody, though what they wrote first died on its way."""

from __future__ import annotations

import msgspec

from libs.common.erasing import PERSON_ERASED, Erasure
from libs.common.events import Activity, Event
from services.routing.leads.overdue import OVERDUE, PATIENCE
from tests.integration.routing.conftest import Routing, new_id
from tests.integration.routing.test_deadlines import due
from tests.integration.routing.test_resends import resent, said


async def waited(routing: Routing) -> list[Event]:
    """The timers of messages that have waited as long as any does."""
    routing.now += PATIENCE
    return await due(routing, OVERDUE)


def message_of(wrote: Event) -> object:
    assert isinstance(wrote.data, Activity)
    return wrote.data.data["message"]


async def test_a_message_whose_submission_does_not_come_begins_by_itself_once(
    routing: Routing,
) -> None:
    person, submission, message = new_id(), new_id(), new_id()
    wrote = said(routing, person, submission, message)
    assert await routing.feed(wrote) == []
    assert await due(routing, OVERDUE) == [], "it may come yet"
    [timer] = await waited(routing)
    [asked] = await routing.feed(timer)
    assert isinstance(asked.data, Activity)
    assert (asked.data.type, asked.data.person_id, asked.key) == ("submission.anew", person, person)
    assert (asked.data.submission_id, asked.data.data) == (
        submission, {"message": message, "waited": True},
    )  # fmt: skip
    assert await routing.feed(timer, wrote, timer) == []
    assert await waited(routing) == []
    opened = await routing.lead(routing.scored(person, submission_id=message))
    assert opened.touch_count == 1


async def test_what_had_died_joins_the_lead_of_what_was_written_after_it(
    routing: Routing,
) -> None:
    """Sent again, each message is a touch once."""
    person, submission, message = new_id(), new_id(), new_id()
    first = routing.scored(person, submission_id=submission)
    wrote = said(routing, person, submission, message)
    await routing.feed(wrote)
    await routing.feed(*await waited(routing))
    opened = await routing.lead(routing.scored(person, submission_id=message))
    [again] = await routing.routed(msgspec.structs.replace(first, round=1))
    assert (again.submission_id, again.outcome) == (submission, "duplicate")
    assert (again.lead.id, again.lead.touch_count) == (opened.id, 2)
    assert await routing.feed(first, wrote) == []
    states = await routing.rows("SELECT submission_id::text, state FROM routing.ledger")
    assert dict(map(tuple, states)) == {submission: "duplicate", message: "assigned"}
    assert await routing.rows("SELECT * FROM routing.resends") == []


async def test_a_message_that_has_met_its_submission_waits_for_nothing_more(
    routing: Routing,
) -> None:
    for met_at in ("before", "with", "after"):
        person, submission = new_id(), new_id()
        first = routing.scored(person, submission_id=submission)
        await routing.feed(said(routing, person, submission, new_id()))
        if met_at == "before":
            lead = await routing.lead(first)
            assert await waited(routing) == []
        elif met_at == "with":
            [timer] = await waited(routing)
            lead = await routing.lead(first, timer)
        else:
            [timer] = await waited(routing)
            lead = await routing.lead(first)
            assert await routing.feed(timer) == []
        assert lead.touch_count == 2


async def test_what_waits_without_a_timer_begins_with_what_is_written_after_it(
    routing: Routing,
) -> None:
    """A build before plans none, and passes over one that falls due to it."""
    person, submission = new_id(), new_id()
    wrote = [said(routing, person, submission, new_id(), minutes=n) for n in range(3)]
    await routing.feed(wrote[0], wrote[2])
    await routing.rows("DELETE FROM routing.timers RETURNING id")
    await routing.feed(wrote[1], resent(routing, person, submission, minutes=0))
    [timer] = await waited(routing)
    asked = await routing.feed(timer)
    begun = [one.data.data["message"] for one in asked if isinstance(one.data, Activity)]
    assert begun == [message_of(one) for one in wrote[:2]]
    assert await routing.feed(timer, *wrote[:2]) == []
    waits = await routing.rows("SELECT content ->> 'message' AS message FROM routing.resends")
    assert {row.message for row in waits} == {message_of(wrote[2]), None}


async def test_only_what_somebody_wrote_begins_by_itself(routing: Routing) -> None:
    person, submission = new_id(), new_id()
    await routing.feed(resent(routing, person, submission))
    named = said(routing, person, submission, new_id())
    assert isinstance(named.data, Activity)
    data = msgspec.structs.replace(named.data, data={**named.data.data, "supplement": True})
    await routing.feed(msgspec.structs.replace(named, data=data))
    assert await waited(routing) == []


async def test_rule_29_what_an_erased_person_wrote_begins_nothing(routing: Routing) -> None:
    person, submission = new_id(), new_id()
    await routing.feed(said(routing, person, submission, new_id()))
    gone = Activity(
        new_id(),
        PERSON_ERASED,
        routing.now,
        person_id=person,
        data=msgspec.to_builtins(Erasure((person,))),
    )
    await routing.feed(Event(gone.activity_id, person, routing.now, gone))
    assert await routing.feed(*await waited(routing)) == []


async def test_a_timer_of_another_shape_is_left_alone(routing: Routing) -> None:
    person = new_id()
    for data in ({}, {"resend": "x"}, {"resend": new_id()}):
        odd = Activity(
            new_id(), OVERDUE, routing.now, person_id=person, submission_id=new_id(), data=data
        )
        assert await routing.feed(Event(new_id(), person, routing.now, odd)) == []
