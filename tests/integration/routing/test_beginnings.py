"""What was claimed but never begun is sent after a kill; what was begun is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.routing.sending.beginning import Beginnings
from services.routing.sending.notify import Notifier
from tests.integration.routing.conftest import Routing, new_id
from tests.integration.routing.hand import Hand


@pytest.fixture
async def hand(routing: Routing, tmp_path: Path) -> AsyncIterator[Hand]:
    """Nothing is started yet but the providers."""
    found = Hand(routing, tmp_path)
    await found.bot.start()
    await found.smtp.start()
    yield found
    await found.stop()


async def _kill(hand: Hand, notifier: Notifier) -> None:
    """As a power cut would, and so long ago that the claim has lapsed."""
    hand.kill(notifier)
    await hand.routing.rows(
        "UPDATE routing.notifications SET deadline = clock_timestamp() RETURNING id"
    )
    hand.begin()


async def test_rule_20_what_was_claimed_but_not_begun_is_sent_after_a_kill(hand: Hand) -> None:
    hand.smtp.modes = ["hang_before", "ok"]
    hand.reach("email")
    notifier = hand.begin()
    await hand.tell(hand.routing.scored(new_id()))
    await hand.see(lambda: hand.smtp.connections)
    await _kill(hand, notifier)
    row = await hand.until("sent")
    assert row.attempts == 2
    assert len(hand.smtp.accepted) == 1
    await hand.submission("notified")


async def test_rule_20_what_was_begun_is_not_sent_again_after_a_kill(hand: Hand) -> None:
    hand.bot.modes = ["hang_after"]
    hand.reach("telegram")
    notifier = hand.begin()
    await hand.tell(hand.routing.scored(new_id()))
    await hand.see(lambda: hand.bot.chats)
    await _kill(hand, notifier)
    row = await hand.until("unknown", kind="assigned")
    assert row.error == "lost"
    assert len(hand.bot.chats) == 1


async def test_rule_20_what_another_has_claimed_is_not_begun(hand: Hand) -> None:
    hand.reach("telegram")
    await hand.tell(hand.routing.scored(new_id()))
    [(one,)] = await hand.routing.rows("SELECT id::text FROM routing.notifications")
    beginnings, ours = Beginnings(hand.routing.database), new_id()
    await hand.routing.rows(
        "UPDATE routing.notifications SET state = 'sending', claim = CAST(:claim AS uuid), "
        "begun = false, deadline = clock_timestamp() + interval '5 minutes' RETURNING id",
        claim=ours,
    )
    assert not await beginnings.note(one, new_id())
    assert await hand.routing.rows("SELECT begun FROM routing.notifications") == [(False,)]
    answers = [beginnings.note(one, ours), beginnings.note(one, new_id())]
    assert await asyncio.gather(*answers) == [True, False]
    await hand.routing.rows(
        "UPDATE routing.notifications SET deadline = clock_timestamp() RETURNING id"
    )
    assert not await beginnings.note(one, ours)
