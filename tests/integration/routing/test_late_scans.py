"""A scan that is read after its form: the lead learns by which code it came, and no more."""

from __future__ import annotations

import random

import msgspec
import pytest

from libs.common.erasing import PERSON_ERASED, Erasure
from libs.common.events import Activity, Contact, Event, LeadRouted, LeadScored, Touch
from services.routing.leads.resend import resend_of
from tests.integration.routing.conftest import Routing, new_id
from tests.integration.routing.test_resends import resent, said


class NamesAlone(msgspec.Struct, frozen=True):
    """What the build before reads of a supplement."""

    event_id: str
    person_id: str
    touch: Touch
    person: Contact
    person_version: int
    supplement: bool = False


def touch_of(event: Event) -> Touch:
    assert isinstance(event.data, LeadScored)
    assert event.data.enriched
    return event.data.enriched.touch


def late_scan(scored: Event, code: str = "expo26", **more: object) -> Event:
    """What enrichment tells of the touch of a scored submission, once its scan is read."""
    touch = touch_of(scored)
    came = msgspec.structs.replace(
        touch.attribution, qr=code, scan="t", utm={"campaign": "expo"}, **more
    )
    filled = msgspec.structs.replace(touch, attribution=came)
    told = {
        "source": touch.source,
        "kind": touch.kind,
        "supplement": True,
        "scanned": True,
        "touch": msgspec.to_builtins(filled),
        "brought": {"phone": "+989121234567"},
    }
    activity = Activity(
        new_id(),
        "submission.resent",
        touch.at,
        person_id=scored.key,
        submission_id=touch.submission_id,
        data=told,
    )
    return Event(new_id(), scored.key, scored.time, activity)


async def test_a_lead_learns_by_which_code_it_came(routing: Routing) -> None:
    first = routing.scored(new_id(), person_version=1)
    before = await routing.lead(first)
    routing.later(hours=30)
    word = late_scan(first)
    answers = await routing.feed(word)
    [routed] = [event.data for event in answers]
    assert isinstance(routed, LeadRouted), "and nobody is told"
    assert (routed.submission_id, routed.outcome) == (None, None)
    lead = routed.lead
    assert lead.first_touch == lead.last_touch
    came = lead.first_touch.attribution
    assert (came.qr, came.utm, came.page) == ("expo26", {"campaign": "expo"}, before.page)
    same = msgspec.structs.replace(
        lead,
        version=before.version,
        changed_at=before.changed_at,
        first_touch=before.first_touch,
        last_touch=before.last_touch,
    )
    assert same == before
    [change] = routed.changes
    assert (change.kind, change.data["qr"]) == ("came_by_code", "expo26")
    assert "expo26" in change.text.fa
    assert "expo26" in change.text.en
    assert await routing.feed(word, word) == [], "read again"
    assert await routing.feed(late_scan(first, "other")) == [], "what is known stays"


async def test_a_touch_between_the_first_and_the_last_changes_nothing_of_the_lead(
    routing: Routing,
) -> None:
    person, start = new_id(), routing.now
    touches = []
    for _ in range(3):
        touches.append(routing.scored(person, at=routing.now))
        routing.later(minutes=5)
    await routing.feed(*touches)
    assert await routing.feed(late_scan(touches[1])) == []
    lead = await routing.lead(late_scan(touches[2]))
    assert lead.first_touch.at == start
    assert (lead.first_touch.attribution.qr, lead.last_touch.attribution.qr) == (None, "expo26")
    lead = await routing.lead(late_scan(touches[0]))
    assert lead.first_touch.attribution.qr == lead.last_touch.attribution.qr == "expo26"
    assert lead.touch_count == 3


async def test_a_scan_is_learnt_in_whatever_order_it_is_read(routing: Routing) -> None:
    chance = random.Random(1)  # noqa: S311 - which order is not a secret
    for _ in range(12):
        first = routing.scored(new_id(), person_version=1)
        events = [first, late_scan(first), first]
        events += chance.choices(events, k=2)
        chance.shuffle(events)
        routed: list[LeadRouted] = []
        while events:
            cut = chance.randint(1, 3)
            routed += await routing.routed(*events[:cut])
            events = events[cut:]
        lead = max((one.lead for one in routed), key=lambda lead: lead.version)
        assert (lead.touch_count, lead.first_touch.attribution.qr) == (1, "expo26")
        assert lead.contact.phone == "+989121234567"
        lines = [change.kind for one in routed for change in one.changes]
        assert lines.count("came_by_code") == 1
    assert await routing.rows("SELECT * FROM routing.resends") == []


@pytest.mark.parametrize("kind", ["staff.lost", "staff.won"])
async def test_the_lead_that_the_form_led_to_learns_it_though_it_is_closed(
    routing: Routing, kind: str
) -> None:
    first = routing.scored(person := new_id())
    lead = await routing.lead(first)
    await routing.feed(routing.act(lead, kind, reason="گران بود", amount=1))
    other = await routing.lead(routing.scored(person))
    learnt = await routing.lead(late_scan(first))
    assert (learnt.id, learnt.state) == (lead.id, kind.removeprefix("staff."))
    assert learnt.first_touch.attribution.qr == "expo26"
    assert other.id != lead.id


async def test_rule_29_who_was_erased_learns_nothing(routing: Routing) -> None:
    first = routing.scored(person := new_id())
    await routing.feed(first)
    gone = msgspec.to_builtins(Erasure((person,)))
    erased = Activity(new_id(), PERSON_ERASED, routing.now, person_id=person, data=gone)
    await routing.feed(Event(new_id(), person, routing.now, erased))
    assert await routing.feed(late_scan(first)) == []


async def test_the_build_before_passes_it_over(routing: Routing) -> None:
    first = routing.scored(new_id(), person_version=1)
    word = late_scan(first)
    assert isinstance(word.data, Activity)
    fields = {**word.data.data, "event_id": word.id, "person_id": first.key}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, NamesAlone)
    await routing.feed(word)
    [(content,)] = await routing.rows("SELECT content::text FROM routing.resends")
    waits = msgspec.json.decode(content, type=NamesAlone)
    assert waits.supplement
    assert waits.person_version < 0, "older than what it knows of the person"


async def test_what_tells_of_no_touch_or_of_nobody_is_left_alone(routing: Routing) -> None:
    first = routing.scored(new_id())
    await routing.feed(first)
    word = late_scan(first)
    assert isinstance(word.data, Activity)
    held = msgspec.structs.replace(word.data, person_id=None)
    without = {name: value for name, value in word.data.data.items() if name != "touch"}
    odd = msgspec.structs.replace(word.data, data=without)
    nameless = {name: value for name, value in word.data.data.items() if name != "scanned"}
    unmarked = msgspec.structs.replace(word.data, data=nameless)
    for data in (held, odd, unmarked):
        assert resend_of(msgspec.structs.replace(word, data=data)) is None


def late_scan_of(later: Event) -> Event:
    """What enrichment tells of the touch of a later body, once its scan is read."""
    assert isinstance(later.data, Activity)
    touch = msgspec.convert(later.data.data["touch"], Touch)
    came = msgspec.structs.replace(touch.attribution, qr="expo26", scan="t")
    told = {
        "source": touch.source,
        "kind": touch.kind,
        "supplement": True,
        "scanned": True,
        "of": later.id,
        "touch": msgspec.to_builtins(msgspec.structs.replace(touch, attribution=came)),
    }
    data = msgspec.structs.replace(later.data, activity_id=new_id(), data=told)
    return msgspec.structs.replace(later, id=new_id(), data=data)


async def test_a_later_body_and_its_scan_that_waited_together_are_taken_in_that_order(
    routing: Routing,
) -> None:
    for _ in range(6):  # in whatever order their ids are
        first = routing.scored(new_id(), person_version=1)
        later = resent(routing, first.key, touch_of(first).submission_id)
        await routing.feed(later, late_scan_of(later))
        lead = await routing.lead(first)
        assert (lead.touch_count, lead.last_touch.attribution.qr) == (2, "expo26")


async def test_a_scan_that_is_read_before_the_touch_that_it_is_of_waits_for_that(
    routing: Routing,
) -> None:
    for at_once in (False, True):
        first = routing.scored(new_id(), person_version=1)
        await routing.feed(first)
        later = resent(routing, first.key, touch_of(first).submission_id)
        word = late_scan_of(later)
        if at_once:
            routed = await routing.routed(word, later)
        else:
            assert await routing.feed(word) == []
            assert await routing.feed(word) == [], "read again"
            routed = await routing.routed(later)
        assert [change.kind for one in routed for change in one.changes] == [
            "touched", "came_by_code",
        ]  # fmt: skip
        lead = routed[-1].lead
        assert (lead.touch_count, lead.last_touch.attribution.qr) == (2, "expo26")
        assert lead.first_touch.attribution.qr is None
        assert await routing.feed(word, later) == []
    assert await routing.rows("SELECT * FROM routing.resends") == []


async def test_a_scan_that_is_read_before_all_else_waits_for_the_touch_that_it_is_of(
    routing: Routing,
) -> None:
    first = routing.scored(new_id(), person_version=1)
    later = resent(routing, first.key, touch_of(first).submission_id)
    await routing.feed(late_scan_of(later))
    lead = await routing.lead(first)
    assert lead.last_touch.attribution.qr is None
    lead = await routing.lead(later)
    assert (lead.touch_count, lead.last_touch.attribution.qr) == (2, "expo26")


async def test_of_a_build_that_does_not_say_of_which_touch_a_scan_is_it_waits_for_none(
    routing: Routing,
) -> None:
    first = routing.scored(new_id(), person_version=1)
    later = resent(routing, first.key, touch_of(first).submission_id)
    await routing.feed(first, later)
    word = late_scan_of(later)
    assert isinstance(word.data, Activity)
    told = {name: value for name, value in word.data.data.items() if name != "of"}
    data = msgspec.structs.replace(word.data, data=told)
    lead = await routing.lead(msgspec.structs.replace(word, data=data))
    assert lead.last_touch.attribution.qr == "expo26"


async def test_a_message_that_joined_another_lead_than_its_chat_s_first_tells_that_one(
    routing: Routing,
) -> None:
    first = routing.scored(person := new_id())
    chat = touch_of(first).submission_id
    closed = await routing.lead(first)
    await routing.feed(routing.act(closed, "staff.lost", reason="گران بود"))
    opened = await routing.lead(routing.scored(person))
    wrote = said(routing, person, chat, new_id())
    await routing.feed(wrote)
    lead = await routing.lead(late_scan_of(wrote))
    assert (lead.id, lead.last_touch.attribution.qr) == (opened.id, "expo26")


async def test_of_two_messages_of_one_second_that_one_learns_its_code_which_came_by_it(
    routing: Routing,
) -> None:
    for _ in range(4):  # whichever of them has the lower id
        wrote = [new_id(), new_id()]
        first = in_chat(routing.scored(new_id(), person_version=1), wrote[0])
        later = said(routing, first.key, touch_of(first).submission_id, wrote[1], hours=0)
        await routing.feed(first, later)
        lead = await routing.lead(late_scan_of(later))
        codes = {t.message: t.attribution.qr for t in (lead.first_touch, lead.last_touch)}
        assert codes == {wrote[0]: None, wrote[1]: "expo26"}


def in_chat(scored: Event, message: str) -> Event:
    """The same as the message that a conversation began with."""
    assert isinstance(scored.data, LeadScored)
    assert scored.data.enriched
    touch = msgspec.structs.replace(touch_of(scored), kind="chat", message=message)
    enriched = msgspec.structs.replace(scored.data.enriched, touch=touch)
    return msgspec.structs.replace(
        scored, data=msgspec.structs.replace(scored.data, enriched=enriched)
    )
