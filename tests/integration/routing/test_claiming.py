"""Whom the notifier asks for messages: channels that have some due, and no others."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.database.statements import text
from services.routing.sending import notify
from services.routing.store import sending as store
from tests.integration.routing.conftest import Sending, new_id
from tests.plugins.statements import noted


async def test_channels_with_nothing_due_are_not_asked_to_claim(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "POLL_SECONDS", 60.0)  # how often it sweeps while it is looked at
    sending.start()
    await sending.tell(sending.routing.scored(new_id()))
    await sending.until("sent")
    with noted() as seen:
        await sending.tell(sending.routing.scored(new_id()))
        while len(sending.receiver.requests) < 2:  # noqa: ASYNC110 - the receiver has no event
            await asyncio.sleep(0.01)
    claims = [one for one in seen if "SET state = 'sending'" in one]
    assert len(claims) <= 2, "one for the channel that is due, one of the sweep"


async def test_each_channel_is_told_how_much_is_due_of_its_own(sending: Sending) -> None:
    sending.configure(", {channel: console}")
    await sending.routing.feed(*(sending.routing.scored(new_id()) for _ in range(3)))
    async with sending.routing.database.transaction() as tx:
        due = await store.due(tx, ["webhook", "console", "telegram"])
        kinds = await tx.execute(
            text("SELECT channel, count(*) FROM routing.notifications GROUP BY 1")
        )
    assert due == {row[0]: row[1] for row in kinds}
    assert "telegram" not in due
