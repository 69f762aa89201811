"""Those who answer for teams hear that a platform refuses a token: once for each standstill."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from libs.common.events import Activity, Event
from services.routing.channels.console import Console
from services.routing.channels.webhook import Webhook
from services.routing.sending.announcing import TokenRefused
from services.routing.sending.apart import ApartSender
from services.routing.stage import utc_now
from tests.integration.routing.conftest import Sending, new_id
from tests.integration.routing.receiver import MINA, SECRET

FILE = (
    """
sources: [{{key: {source}, kind: meta, secret: s, access_token: "t{token}"}}]
teams:
  - {{key: seo, name: SEO, manager: mina, specialists: [{{key: sara, name: Sara}}]}}
  - {{key: web, name: Web, manager: mina, specialists: [{{key: ali, name: Ali}}]}}
"""
    + MINA
)
TOKEN = "EAAG-void"


class Refusals:
    """A source whose token is refused, and the senders who tell of it."""

    def __init__(self, sending: Sending) -> None:
        self.sending = sending
        self.routing = sending.routing
        self.receiver = sending.receiver
        self.senders: list[ApartSender] = []
        self.configure()

    def configure(self, source: str = "ads") -> None:
        url = self.receiver.url
        self.routing.configure(FILE.format(source=source, token=TOKEN, url=url, secret=SECRET))

    def another(self) -> ApartSender:
        channels = (Console(self.sending.said.append), Webhook(utc_now, 30.0))
        self.senders.append(ApartSender(self.sending.runtime(), channels, [TokenRefused()]))
        return self.senders[-1]

    async def tell(self, *senders: ApartSender) -> None:
        """Look once, and let what is under way end."""
        for sender in senders or (self.another(),):
            await sender.turn()
            await asyncio.gather(*sender.under_way)

    def said(self, name: str = "paused", change: int = 1, **more: Any) -> Event:
        """Capture's word: the first, second … that is said of the source, a minute after another.

        A change of the whole source takes a number of its own, also where it is not told.
        """
        id_, at = new_id(), self.routing.now + timedelta(minutes=change)
        told = {"source": "ads", "source_kind": "meta", "reason": "190/460", "change": change}
        actor = str(more.pop("actor", "system"))
        data = Activity(id_, f"source.{name}", at, actor, data={**told, **more})
        return Event(id_, "ads", at, data)

    def reasons(self) -> list[object]:
        """What was told of, in order."""
        found = []
        for request in self.receiver.requests:
            data = request.verified()["data"]
            assert isinstance(data, dict)
            found.append(data["reason"])
        return found

    async def errors(self) -> list[str | None]:
        rows = await self.routing.rows("SELECT error FROM routing.standstills ORDER BY planned_at")
        return [row[0] for row in rows]


@pytest.fixture
async def refusals(sending: Sending) -> AsyncIterator[Refusals]:
    found = Refusals(sending)
    yield found
    for one in found.senders:
        await one.close()


async def test_a_refused_token_is_told_once_to_each_manager(refusals: Refusals) -> None:
    one, other = refusals.another(), refusals.another()
    await refusals.routing.feed(refusals.said())
    await asyncio.gather(refusals.tell(one), refusals.tell(other))
    for change, reason in ((2, "190/463"), (3, "no_token"), (4, "190/463")):
        await refusals.routing.feed(refusals.said(change=change, reason=reason))
        await asyncio.gather(refusals.tell(one), refusals.tell(other))
    (request,) = refusals.receiver.requests
    body = request.verified()
    data = body["data"]
    assert isinstance(data, dict)
    assert (body["type"], data["kind"]) == ("source.paused", "source_paused")
    assert (data["source"], data["source_kind"], data["reason"]) == ("ads", "meta", "190/460")
    assert (data["specialist"], str(data["url"])[-12:]) == ("mina", "/sources/ads")
    assert TOKEN not in str(body)
    assert await refusals.errors() == [None, *["superseded"] * 3]


async def test_it_is_told_what_is_missing_and_without_a_word_of_that_the_token(
    refusals: Refusals,
) -> None:
    sender = refusals.another()
    for event in (
        refusals.said(reason="200", lacks="right"),
        refusals.said("resumed", 2),
        refusals.said(change=3, reason="190", lacks=7),
    ):
        await refusals.routing.feed(event)
        await refusals.tell(sender)
    told = [request.verified()["data"] for request in refusals.receiver.requests]
    assert [isinstance(data, dict) and data["lacks"] for data in told] == ["right", None]


async def test_the_next_standstill_is_told_again(refusals: Refusals) -> None:
    sender = refusals.another()
    for event in (
        refusals.said(),
        refusals.said("resumed", 2),
        refusals.said(change=3, reason="190/463"),
    ):
        await refusals.routing.feed(event)
        await refusals.tell(sender)
    assert refusals.reasons() == ["190/460", "190/463"]


async def test_the_next_standstill_is_told_though_a_form_kept_the_word_that_the_source_goes_on(
    refusals: Refusals,
) -> None:
    sender = refusals.another()
    for event in (
        refusals.said(reason="200", place="form:1"),
        refusals.said(),
        refusals.said(change=3, reason="190/463"),
        refusals.said(change=4, reason="190/464"),
    ):
        await refusals.routing.feed(event)
        await refusals.tell(sender)
    assert refusals.reasons() == ["190/460", "190/463"]


async def test_a_message_that_waits_is_withdrawn_when_the_source_goes_on_but_for_a_form(
    refusals: Refusals,
) -> None:
    refusals.receiver.modes = ["500", "ok"]
    sender = refusals.another()
    await refusals.routing.feed(refusals.said())
    await refusals.tell(sender)
    going_on = refusals.said(change=2, reason="200", place="form:1", goes_on=True)
    await refusals.routing.feed(going_on)
    await refusals.routing.rows(
        "UPDATE routing.standstills SET next_at = clock_timestamp() RETURNING 1"
    )
    await refusals.tell(sender)
    assert (refusals.reasons(), await refusals.errors()) == (["190/460"], ["superseded"])
    await refusals.routing.feed(refusals.said(change=3, reason="190/463"))
    await refusals.tell(sender)
    assert refusals.reasons()[1:] == ["190/463"]


async def test_a_source_of_another_kind_under_the_same_key_stands_still_for_itself(
    refusals: Refusals,
) -> None:
    sender = refusals.another()
    for event in (refusals.said(), refusals.said(change=2, source_kind="hubspot", reason="401")):
        await refusals.routing.feed(event)
        await refusals.tell(sender)
    assert refusals.reasons() == ["190/460", "401"]


async def test_the_newest_word_that_a_source_goes_on_counts_in_whichever_order_they_come(
    refusals: Refusals,
) -> None:
    words = (refusals.said("resumed", 4), refusals.said("resumed", 2), refusals.said(change=3))
    await refusals.routing.feed(*words)
    await refusals.tell()
    assert (refusals.reasons(), await refusals.errors()) == ([], ["superseded"])


@pytest.mark.parametrize("odd", ["2", None, True, 2**40])
async def test_a_standstill_without_a_number_is_told(refusals: Refusals, odd: object) -> None:
    told = {"source": "ads", "source_kind": "meta", "reason": "190/463", "change": odd}
    at = refusals.routing.now + timedelta(minutes=2)
    data = Activity(new_id(), "source.paused", at, data=told)
    sender = refusals.another()
    for event in (refusals.said(), Event(data.activity_id, "ads", at, data)):
        await refusals.routing.feed(event)
        await refusals.tell(sender)
    assert refusals.reasons() == ["190/460", "190/463"]


@pytest.mark.parametrize("order", [("paused", "resumed"), ("resumed", "paused")])
async def test_nobody_is_told_of_a_source_that_goes_on(
    refusals: Refusals, order: Sequence[str]
) -> None:
    events = {"paused": refusals.said(), "resumed": refusals.said("resumed", 2)}
    for name in order:
        await refusals.routing.feed(events[name])
    await refusals.tell()
    assert (refusals.reasons(), await refusals.errors()) == ([], ["superseded"])


async def test_where_the_first_word_did_not_arrive_the_next_is_told(refusals: Refusals) -> None:
    refusals.receiver.modes = ["410"]
    sender = refusals.another()
    await refusals.routing.feed(refusals.said())
    await refusals.tell(sender)
    await refusals.routing.rows("DELETE FROM routing.stopped_routes RETURNING 1")
    refusals.receiver.modes = ["ok"]
    await refusals.routing.feed(refusals.said(change=2, reason="190/463"))
    await refusals.tell(sender)
    assert refusals.reasons()[1:] == ["190/463"]


async def test_nobody_is_told_of_what_is_not_configured_any_more(refusals: Refusals) -> None:
    await refusals.routing.feed(refusals.said(reason="not_configured"))
    refusals.configure(source="other")
    await refusals.tell()
    assert (refusals.reasons(), await refusals.errors()) == ([], ["superseded"])


@pytest.mark.parametrize(
    "odd", [{"source": 7}, {"reason": None}, {"place": "form-1"}, {"actor": "visitor"}]
)
async def test_what_has_another_shape_or_is_of_one_form_plans_nothing(
    refusals: Refusals, odd: dict[str, Any]
) -> None:
    await refusals.routing.feed(refusals.said(**odd))
    assert await refusals.errors() == []
    await refusals.routing.feed(refusals.said("resumed", source=None))
    assert await refusals.routing.rows("SELECT 1 FROM routing.resumed") == []
