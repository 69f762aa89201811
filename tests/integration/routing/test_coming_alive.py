"""Whoever stands in a list waits for no answer, until they do something themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.events import LeadRouted, NotificationSettled
from tests.integration.routing.conftest import FILE as WITH_DEADLINES
from tests.integration.routing.conftest import Sending, new_id
from tests.integration.routing.listing import Listing


@pytest.fixture
async def listing(sending: Sending) -> AsyncIterator[Listing]:
    found = Listing(sending)
    yield found
    await found.close()


async def test_nobody_who_stands_in_a_list_waits_for_an_answer(listing: Listing) -> None:
    listing.routing.configure(WITH_DEADLINES)
    lead = await listing.routing.lead(listing.row())
    assert lead.deadline is None
    assert await listing.routing.rows("SELECT FROM routing.timers") == []


async def test_who_comes_alive_is_told_of_at_once(listing: Listing) -> None:
    person = new_id()
    await listing.routing.lead(listing.row(person))
    listing.routing.later(minutes=5)
    planned = await listing.routing.planned(listing.routing.scored(person))
    assert [(p.kind, p.specialist) for p in planned] == [("touched", "sara")]
    listing.routing.later(minutes=5)
    assert await listing.routing.planned(listing.routing.scored(person)) == []


async def test_who_comes_alive_is_to_be_accepted_in_time_from_then_on(listing: Listing) -> None:
    listing.routing.configure(WITH_DEADLINES)
    person = new_id()
    await listing.routing.lead(listing.row(person))
    listing.routing.later(minutes=5)
    lead = await listing.routing.lead(listing.routing.scored(person))
    assert lead.deadline is not None
    assert lead.deadline.since == listing.routing.now
    assert len(await listing.routing.rows("SELECT FROM routing.timers")) == 2
    listing.routing.later(minutes=1)
    again = await listing.routing.lead(listing.routing.scored(person))
    assert again.deadline == lead.deadline


@pytest.mark.parametrize("is_told", [False, True])
async def test_where_nobody_hears_that_somebody_came_alive_their_manager_does(
    listing: Listing, *, is_told: bool
) -> None:
    sending, routing, person = listing.sending, listing.routing, new_id()
    await routing.lead(listing.row(person))
    if is_told:
        await routing.feed(listing.done())
        await listing.tell(listing.sender())
    sending.receiver.modes = ["404"]
    routing.later(minutes=5)
    sending.start()
    await sending.tell(routing.scored(person))
    await sending.until("failed", kind="touched")
    reminder = await sending.until("sent", kind="reminder")
    assert (reminder.recipient, reminder.channel) == ("mina", "console")
    assert await listing.states() == {"notified" if is_told else "assigned": 1, "duplicate": 1}


async def test_who_turns_out_to_have_come_by_themselves_as_well_is_alive(listing: Listing) -> None:
    routing, person, same = listing.routing, new_id(), new_id()
    routing.configure(WITH_DEADLINES)
    kept = await routing.lead(listing.row(person))
    routing.later(minutes=1)
    await routing.feed(routing.scored(same))
    routing.later(minutes=1)
    events = await routing.feed(listing.row(person, joined=(same,)))
    leads = {e.data.lead.id: e.data.lead for e in events if isinstance(e.data, LeadRouted)}
    deadline = leads[kept.id].deadline
    assert deadline is not None
    assert deadline.since == routing.now
    told = [e.data for e in events if isinstance(e.data, NotificationSettled)]
    assert [(n.kind, n.lead_id) for n in told if n.state == "planned" and n.kind == "touched"] == [
        ("touched", kept.id)
    ]
