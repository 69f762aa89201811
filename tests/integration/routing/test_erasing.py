"""What was erased is nobody's lead: nothing is kept, sent, changed or brought back."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import msgspec
import pytest

from libs.common.erasing import PERSON_ERASED, SUBMISSION_ERASED, Erasure
from libs.common.events import Activity, Contact, Event, Lead, LeadScored, Touch
from services.routing.sending.beginning import Beginnings
from services.routing.store import sending as store
from services.routing.store.sending import Wanted
from tests.integration.routing.conftest import Routing, Sending, new_id
from tests.integration.routing.test_resends import resent

WORDS = ("نیلوفر", "9121234567", "bahar-campaign")
TABLES = ("leads", "submissions", "assignments", "notifications", "postings", "resends", "ahead",
          "waiting", "timers", "persons", "actions")  # fmt: skip
HERS = Contact(name="نیلوفر", phone="+989121234567", message="bahar-campaign")


def gone(routing: Routing, *persons: str, submission: Event | None = None, **left: Any) -> Event:
    """The word of enrichment; with a submission its person stays, known by what is `left`."""
    data = Activity(
        activity_id=str(uuid.uuid4()),
        type=SUBMISSION_ERASED if submission else PERSON_ERASED,
        at=routing.now,
        person_id=persons[0],
        submission_id=submission.data.submission_id if submission else None,
        data=msgspec.to_builtins(Erasure(persons=persons, **left)),
    )
    return Event(data.activity_id, persons[0], routing.now, data)


def touch_of(event: Event) -> Touch:
    assert isinstance(event.data, LeadScored)
    assert event.data.enriched
    return event.data.enriched.touch


async def leaks(routing: Routing) -> list[str]:
    found = []
    for table in TABLES:
        rows = await routing.rows(f"SELECT row_to_json(t)::text FROM routing.{table} t")
        found += [f"{table}: {row[0]}" for row in rows for one in WORDS if one in row[0]]
    return found


async def ledger(routing: Routing) -> dict[str, str]:
    rows = await routing.rows("SELECT submission_id::text, state FROM routing.ledger")
    return {row[0]: row[1] for row in rows}


async def open_of(routing: Routing, specialist: str) -> int:
    rows = await routing.rows("SELECT open FROM routing.loads WHERE specialist = :s", s=specialist)
    return int(rows[0][0]) if rows else 0


def is_empty(lead: Lead) -> bool:
    return lead.contact == Contact() and lead.erased_at is not None and not lead.score.reasons


async def test_a_lead_of_which_nothing_is_left_is_closed_and_its_seat_is_free(
    routing: Routing,
) -> None:
    person, joined = new_id(), new_id()
    first = routing.scored(person, contact=HERS)
    opened = await routing.lead(first)
    owner = opened.assignment.specialist if opened.assignment else ""
    assert await open_of(routing, owner) == 1
    (closed,) = await routing.routed(gone(routing, person, joined))
    lead = closed.lead
    assert is_empty(lead)
    assert (lead.state, lead.lost_reason, lead.version) == ("lost", "erased", opened.version + 1)
    assert (lead.page, lead.source) == (opened.page, opened.source)
    assert [change.kind for change in closed.changes] == ["erased"]
    assert await open_of(routing, owner) == 0
    assert await leaks(routing) == []
    assert await ledger(routing) == {first.data.submission_id: "erased"}
    assert await routing.rows("SELECT 1 FROM routing.timers") == []
    (refused,) = await routing.routed(routing.act(lead, "staff.reopened"))
    assert [change.kind for change in refused.changes] == ["refused"]


async def test_a_won_lead_stays_won_and_a_waiting_one_leaves_the_queue(routing: Routing) -> None:
    person = new_id()
    won = await routing.lead(routing.scored(person, contact=HERS))
    await routing.feed(routing.act(won, "staff.won", amount=5.0))
    again = await routing.lead(routing.scored(person, contact=HERS))
    assert again.id != won.id
    closed = {r.lead.id: r.lead for r in await routing.routed(gone(routing, person))}
    assert (closed[won.id].state, closed[won.id].amount) == ("won", 5.0)
    assert closed[again.id].state == "lost"
    assert all(map(is_empty, closed.values()))
    assert await leaks(routing) == []


async def test_rule_29_nothing_told_again_brings_it_back(routing: Routing) -> None:
    person, joined = new_id(), new_id()
    told = [routing.scored(joined, contact=HERS), routing.scored(person, contact=HERS)]
    told.append(routing.scored(person, joined=(joined,), contact=HERS))
    (*_, lead) = [routed.lead for routed in await routing.routed(*told)]
    told.append(routing.act(lead, "staff.lost", reason="bahar-campaign"))
    await routing.feed(told[-1])
    word = gone(routing, person, joined)
    await routing.feed(word)
    again = [msgspec.structs.replace(one, id=new_id(), round=2) for one in told[:-1]]
    for batch in (told, again, [word, *told], *([one] for one in again)):
        assert await routing.routed(*batch) == []
    assert await leaks(routing) == []
    assert set((await ledger(routing)).values()) == {"erased"}


@pytest.mark.parametrize("together", [True, False])
async def test_rule_29_the_word_may_come_first(routing: Routing, *, together: bool) -> None:
    person, joined, stays = new_id(), new_id(), new_id()
    scored, before = (routing.scored(one, contact=HERS) for one in (person, joined))
    taken, other = routing.scored(stays, contact=HERS), routing.scored(stays, person_version=3)
    left = {"person_version": 2, "touches": (touch_of(other),), "person": Contact(name="ب")}
    words = [gone(routing, person, joined), gone(routing, stays, submission=taken, **left)]
    told = [scored, before, taken]
    batches = [[*told, *words]] if together else [words, *([one] for one in told)]
    for batch in batches:
        assert await routing.routed(*batch) == []
    assert await ledger(routing) == {taken.data.submission_id: "erased"}
    lead = await routing.lead(other)
    assert (lead.touch_count, lead.person_id) == (1, stays)


async def test_rule_29_what_was_done_and_sent_again_waits_for_nobody_who_is_erased(
    routing: Routing,
) -> None:
    person, stays = new_id(), new_id()
    unknown = msgspec.structs.replace(await routing.lead(routing.scored(person)), id=new_id())
    taken = routing.scored(stays, contact=HERS, person_version=1)
    other = routing.scored(stays, person_version=2)
    await routing.routed(taken, other)
    early = msgspec.structs.replace(unknown, person_id=new_id())
    await routing.feed(routing.act(early, "staff.lost", reason="bahar-campaign"))
    await routing.feed(resent(routing, early.person_id, new_id()))
    left = {"person_version": 3, "touches": (touch_of(other),), "person": Contact(name="ب")}
    await routing.feed(gone(routing, person), gone(routing, stays, submission=taken, **left))
    assert {place.partition(":")[0] for place in await leaks(routing)} == {"ahead", "resends"}
    await routing.feed(gone(routing, early.person_id))
    for event in (
        routing.act(unknown, "staff.lost", reason="bahar-campaign"),
        resent(routing, person, new_id()),
        resent(routing, stays, str(taken.data.submission_id)),
    ):
        assert await routing.feed(event) == []
    assert await leaks(routing) == []


async def test_rule_29_a_person_who_stays_keeps_the_lead_without_what_was_taken_back(
    routing: Routing,
) -> None:
    person = new_id()
    taken = routing.scored(person, contact=HERS, person_version=1)
    routing.later(hours=1)
    stays = routing.scored(person, person_version=2, contact=HERS, page="nil.example/other")
    opened = (await routing.routed(taken, stays))[-1].lead
    left = {"person_version": 3, "touches": (touch_of(stays),), "person": Contact(name="ب")}
    (after,) = await routing.routed(gone(routing, person, submission=taken, **left))
    assert (after.lead.state, after.lead.id) == ("open", opened.id)
    assert after.lead.contact == Contact(name="ب")
    assert after.lead.first_touch == after.lead.last_touch == touch_of(stays)
    assert after.lead.touch_count == 1
    assert await leaks(routing) == []
    assert await routing.feed(msgspec.structs.replace(taken, id=new_id(), round=4)) == []
    late = routing.scored(person, person_version=2, contact=HERS)
    touched = (await routing.routed(late))[-1].lead
    assert touched.contact == Contact(name="ب")


async def test_a_lead_opened_late_by_another_submission_does_not_know_what_was_erased(
    routing: Routing,
) -> None:
    person = new_id()
    taken = routing.scored(person, contact=HERS, person_version=1)
    other = routing.scored(person, contact=HERS, person_version=2)
    left = {"person_version": 3, "touches": (touch_of(other),), "person": Contact(name="ب")}
    await routing.feed(gone(routing, person, submission=taken, **left))
    lead = await routing.lead(other)
    assert lead.contact == Contact(name="نیلوفر", phone="+989121234567")


async def test_the_lead_of_the_only_submission_is_erased_though_its_person_stays(
    routing: Routing,
) -> None:
    person = new_id()
    before = await routing.lead(first := routing.scored(person))
    await routing.feed(routing.act(before, "staff.won"))
    taken = routing.scored(person, contact=HERS, person_version=2)
    opened = await routing.lead(taken)
    left = {"person_version": 3, "touches": (touch_of(first),), "person": Contact(name="ب")}
    found = {
        r.lead.id: r.lead
        for r in await routing.routed(gone(routing, person, submission=taken, **left))
    }
    assert is_empty(found[opened.id])
    assert (found[before.id].state, found[before.id].contact.name) == ("won", "ب")


async def test_what_is_planned_or_claimed_is_not_sent_and_what_was_sent_stays(
    sending: Sending,
) -> None:
    routing = sending.routing
    planned, claimed = new_id(), new_id()
    await routing.feed(routing.scored(claimed, contact=HERS))
    wanted = Wanted(["webhook"], is_any_other=False, most=9, most_per_address=9, rooms={},
                    lease=60.0, config_version=1)  # fmt: skip
    token = new_id()
    async with routing.database.transaction() as tx:
        (one,) = await store.claim(tx, wanted, token)
    await routing.feed(routing.scored(planned, contact=HERS))
    dropped = await routing.planned(gone(routing, planned), gone(routing, claimed))
    assert [(each.state, each.error) for each in dropped] == [("failed", "erased")] * 2
    begun = await Beginnings(routing.database).note(one.notification.id, token)
    assert not begun
    sending.start()
    sent = await sending.tell(routing.scored(new_id()))
    await sending.until("sent", lead_id=sent.id)
    assert len(sending.receiver.requests) == 1
    (after,) = await routing.routed(gone(routing, sent.person_id))
    assert is_empty(after.lead)
    await sending.until("sent", lead_id=sent.id)
    assert len(sending.receiver.requests) == 1


async def test_what_is_being_written_and_fails_is_not_tried_again(sending: Sending) -> None:
    sending.receiver.modes = ["hang_after"]
    notifier = sending.start(answer_seconds=3.0)
    lead = await sending.tell(sending.routing.scored(new_id()))
    while not sending.receiver.requests:  # noqa: ASYNC110 - the receiver has no event
        await asyncio.sleep(0.01)
    await sending.routing.feed(gone(sending.routing, lead.person_id))
    await asyncio.wait(notifier.under_way, timeout=60)
    row = await sending.until("failed", lead_id=lead.id)
    assert (row.error, row.claim) == ("erased", None)
    assert set((await ledger(sending.routing)).values()) == {"erased"}
