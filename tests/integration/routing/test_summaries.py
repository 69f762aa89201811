"""Leads of a list: each is somebody's, and that somebody hears of all of them at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from libs.common.events import NotificationSettled
from services.routing.channels.contract import Begin, Result, Sent, Unknown
from services.routing.channels.webhook import Webhook
from services.routing.messages.message import Message
from services.routing.sending import noting
from services.routing.stage import utc_now
from tests.integration.routing.conftest import Sending, new_id
from tests.integration.routing.listing import FILE, Listing

ROWS = 30


@pytest.fixture
async def listing(sending: Sending) -> AsyncIterator[Listing]:
    found = Listing(sending)
    yield found
    await found.close()


async def test_a_list_is_one_message(listing: Listing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noting, "AT_A_TIME", 7)  # noted in several turns
    sender = listing.sender()
    answers = await listing.routing.feed(*(listing.row() for _ in range(ROWS)))
    assert not [a for a in answers if isinstance(a.data, NotificationSettled)]
    await listing.tell(sender)
    assert listing.sending.receiver.requests == []
    assert await listing.states() == {"assigned": ROWS}

    await listing.routing.feed(listing.done())
    await listing.tell(sender)
    (request,) = listing.sending.receiver.requests
    body = request.verified()
    data = body["data"]
    assert isinstance(data, dict)
    assert (body["type"], data["leads"], data["specialist"]) == ("leads.listed", ROWS, "sara")
    assert data["list"] == {"id": listing.id, "name": FILE}
    assert data["url"].endswith(f"/?owner=sara&list={listing.id}")
    assert await listing.states() == {"notified": ROWS}
    published = listing.sending.published()
    assert {(p.kind, p.state, p.outcome) for p in published} == {("assigned", "sent", "notified")}
    assert len({p.lead_id for p in published}) == len(published) == ROWS
    assert await listing.routing.rows("SELECT FROM routing.listed") == []

    await listing.tell(sender)
    assert len(listing.sending.receiver.requests) == 1


async def test_while_it_runs_at_most_one_in_a_quarter_of_an_hour(listing: Listing) -> None:
    sender = listing.sender()
    await listing.routing.feed(listing.row(), listing.row())
    await listing.older(minutes=14)
    await listing.tell(sender)
    assert await listing.messages() == []
    await listing.older(minutes=1)
    await listing.tell(sender)
    assert await listing.messages() == [("assigned", "sara", "sent")]
    await listing.routing.feed(listing.row())
    await listing.older(minutes=14)
    await listing.tell(sender)
    assert await listing.states() == {"notified": 2, "assigned": 1}
    await listing.older(minutes=1)
    await listing.tell(sender)
    assert await listing.messages() == [("assigned", "sara", "sent")] * 2
    assert await listing.states() == {"notified": 3}


async def test_what_staff_give_away_by_hand_is_told_of_by_itself(listing: Listing) -> None:
    sender = listing.sender()
    lead = await listing.routing.lead(listing.row())
    await listing.routing.feed(listing.row())
    move = listing.routing.act(lead, "staff.reassigned", specialist="mina")
    planned = await listing.routing.planned(move)
    assert [(p.kind, p.specialist) for p in planned] == [("assigned", "mina")]
    await listing.routing.feed(listing.done())
    await listing.tell(sender)
    (request,) = listing.sending.receiver.requests
    assert request.verified()["data"]["leads"] == 1  # type: ignore[index]  # a dict of our own
    assert await listing.states() == {"assigned": 1, "notified": 1}


@pytest.mark.parametrize("left", [0, 1])
async def test_only_what_is_still_theirs_is_told_of(listing: Listing, left: int) -> None:
    routing, receiver = listing.routing, listing.sending.receiver
    sender = listing.sender()
    leads = [await routing.lead(listing.row()) for _ in range(2)]
    await routing.feed(listing.done())
    receiver.modes = ["500", "ok"]
    await listing.tell(sender)
    for lead in leads[left:]:
        await routing.feed(routing.act(lead, "staff.reassigned", specialist="mina"))
    await routing.rows(
        "UPDATE routing.summary_messages SET next_at = clock_timestamp() RETURNING 1"
    )
    await listing.tell(sender)
    told = [request.verified()["data"]["leads"] for request in receiver.requests]  # type: ignore[index]  # a dict of our own
    assert told == [2, 1][: 1 + left]
    assert await listing.messages() == [("assigned", "sara", "sent" if left else "failed")]
    assert await routing.rows("SELECT FROM routing.listed") == []


async def test_leads_that_turned_out_to_be_one_persons_are_told_of_as_one(listing: Listing) -> None:
    routing, one, same = listing.routing, new_id(), new_id()
    sender = listing.sender()
    await routing.feed(listing.row(one), listing.row(same))
    routing.later(minutes=1)
    await routing.feed(routing.scored(one, joined=(same,)), listing.done())
    await listing.tell(sender)
    (request,) = listing.sending.receiver.requests
    assert request.verified()["data"]["leads"] == 1  # type: ignore[index]  # a dict of our own
    assert await listing.states() == {"notified": 1, "duplicate": 2}


class Lost:
    """A receiver that never says whether it has heard, and sees no repeat."""

    name, takes_id, at_once, seconds = "webhook", False, 1, 5.0

    def __init__(self) -> None:
        self.written: list[str] = []

    async def send(self, message: Message, _to: str, _how: object, begin: Begin) -> Result:
        if await begin():
            self.written.append(message.id)
        return Unknown("timeout")

    async def close(self) -> None:
        return


async def test_invariant_13_an_unknown_summary_is_never_sent_again_and_its_manager_hears(
    listing: Listing,
) -> None:
    lost = Lost()
    sender = listing.sender(lost)
    await listing.routing.feed(listing.row(), listing.row(), listing.done())
    for _ in range(3):
        await listing.tell(sender)
    assert len(lost.written) == 1
    assert await listing.messages() == [
        ("assigned", "sara", "unknown"),
        ("reminder", "mina", "sent"),
    ]
    assert await listing.states() == {"undelivered": 2}
    assert {p.state for p in listing.sending.published()} == {"unknown"}
    await listing.routing.rows(
        "UPDATE routing.summary_messages SET next_at = next_at - interval '10 min' RETURNING 1"
    )
    await listing.tell(sender)
    assert await listing.routing.rows("SELECT FROM routing.listed") == []


class Late(Lost):
    """One that answers only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = asyncio.Event()

    async def send(self, message: Message, to: str, how: object, begin: Begin) -> Result:
        await super().send(message, to, how, begin)
        await self.answers.wait()
        return Sent()


async def test_a_summary_that_was_heard_after_all_is_noted_with_its_leads(listing: Listing) -> None:
    late = Late()
    sender, other = listing.sender(late), listing.sender(Lost())
    await listing.routing.feed(listing.row(), listing.row(), listing.done())
    await sender.turn()
    while not late.written:
        await listing.routing.rows("SELECT pg_sleep(0.02)")
    await listing.routing.rows(
        "UPDATE routing.summary_messages SET deadline = clock_timestamp() RETURNING 1"
    )
    await listing.tell(other)
    assert await listing.states() == {"undelivered": 2}
    late.answers.set()
    await asyncio.gather(*sender.under_way)
    await listing.tell(other)
    assert await listing.states() == {"notified": 2}
    assert await listing.routing.rows("SELECT FROM routing.listed") == []


async def test_a_summary_that_is_refused_for_good_is_told_to_the_manager(listing: Listing) -> None:
    listing.sending.receiver.modes = ["404"]
    sender = listing.sender()
    await listing.routing.feed(listing.row(), listing.row(), listing.done())
    await listing.tell(sender)
    await listing.tell(sender)
    assert await listing.messages() == [
        ("assigned", "sara", "failed"),
        ("reminder", "mina", "sent"),
    ]
    assert await listing.states() == {"undelivered": 2}
    (said,) = listing.sending.said
    assert said.startswith("خبر یک فهرست شاید نرسیده → mina")
    assert "۲ سرنخ از فهرست" in said


async def test_one_route_that_hears_is_enough(listing: Listing) -> None:
    listing.sending.configure(", {channel: console}")
    listing.sending.receiver.modes = ["404"]
    sender = listing.sender()
    await listing.routing.feed(listing.row(), listing.done())
    await listing.tell(sender)
    await listing.tell(sender)
    assert await listing.states() == {"notified": 1}
    rows = await listing.routing.rows(
        "SELECT channel, state FROM routing.notifications ORDER BY channel"
    )
    assert [tuple(row) for row in rows] == [("console", "sent"), ("webhook", "failed")]
    assert {m[0] for m in await listing.messages()} == {"assigned"}


async def test_rule_20_a_claim_that_is_lost_is_not_sent_twice(listing: Listing) -> None:
    """Nobody knows whether the dead sender's message was heard; the receiver sees the repeat."""
    listing.sending.receiver.modes = ["hang_after", "ok"]
    sender = listing.sender(Webhook(utc_now, 30.0))
    await listing.routing.feed(listing.row(), listing.done())
    await sender.turn()
    while not listing.sending.receiver.requests:
        (task,) = sender.under_way
        assert not task.done()
        await listing.routing.rows("SELECT pg_sleep(0.02)")
    (task,) = sender.under_way
    task.cancel()
    await listing.routing.rows(
        "UPDATE routing.summary_messages SET deadline = clock_timestamp() RETURNING 1"
    )
    other = listing.sender()
    await listing.tell(other)
    await listing.routing.rows(
        "UPDATE routing.summary_messages SET next_at = clock_timestamp() RETURNING 1"
    )
    await listing.tell(other)
    assert listing.sending.receiver.accepted.total() == 2
    assert len(listing.sending.receiver.accepted) == 1
    assert await listing.states() == {"notified": 1}


async def test_rule_28_told_again_from_the_beginning_nothing_is_told(listing: Listing) -> None:
    sender = listing.sender()
    rows = [listing.row(), listing.row(), listing.done()]
    await listing.routing.feed(*rows)
    await listing.tell(sender)
    await listing.routing.feed(*rows)
    await listing.tell(sender)
    assert len(listing.sending.receiver.requests) == 1
    assert await listing.states() == {"notified": 2}
