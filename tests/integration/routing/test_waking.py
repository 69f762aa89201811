"""No message that is due stands still while there is room for it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from libs.common.database import Transaction
from services.routing.channels.contract import Result
from services.routing.channels.webhook import Webhook
from services.routing.sending import notify
from services.routing.sending.addresses import FEW
from services.routing.store import sending as store
from services.routing.store.sending import Claimed, Wanted
from tests.integration.routing.conftest import Sending, new_id

STATES = "SELECT state FROM routing.notifications"


async def few_are(sending: Sending, *states: str) -> None:
    async with asyncio.timeout(30):
        while sum(row.state in states for row in await sending.routing.rows(STATES)) < FEW:  # noqa: ASYNC110 - rows have no event
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("bursts", [(2 * FEW,), (FEW, FEW)], ids=["at_once", "one_after_another"])
async def test_places_that_become_free_during_a_claim_without_room_are_filled_at_once(
    sending: Sending, monkeypatch: pytest.MonkeyPatch, bursts: tuple[int, ...]
) -> None:
    """The first attempts all end between the claim's look at the address and its answer."""
    claim, send, may_end = store.claim, Webhook.send, asyncio.Event()

    async def sends(*asked: Any) -> Result:
        await may_end.wait()
        return await send(*asked)

    async def claims(tx: Transaction, wanted: Wanted, token: str) -> list[Claimed]:
        found = await claim(tx, wanted, token)
        if "webhook" in wanted.channels and not (wanted.is_any_other or found or may_end.is_set()):
            may_end.set()
            await few_are(sending, "sent")
        return found

    monkeypatch.setattr(Webhook, "send", sends)
    monkeypatch.setattr(store, "claim", claims)
    monkeypatch.setattr(notify, "POLL_SECONDS", 60.0)  # nobody else wakes it in time
    sending.start()
    for count in bursts:
        await sending.routing.feed(*(sending.routing.scored(new_id()) for _ in range(count)))
        sending.planned.set()
        await few_are(sending, "sending", "sent")
    await sending.until("sent", seconds=30)
    assert len(sending.receiver.requests) == 2 * FEW
