"""A bot's provider that moves chats, refuses markup, or stands behind a proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.doubles.telegram import MOVED_TO
from tests.integration.routing.conftest import Routing, new_id
from tests.integration.routing.hand import CHAT, Hand


@pytest.fixture
async def hand(routing: Routing, tmp_path: Path) -> AsyncIterator[Hand]:
    """Nothing is started yet but the providers."""
    found = Hand(routing, tmp_path)
    await found.bot.start()
    await found.smtp.start()
    yield found
    await found.stop()


async def test_a_group_that_was_upgraded_is_told_where_it_is_now(hand: Hand) -> None:
    hand.bot.modes = ["migrate"]
    hand.reach("telegram")
    hand.begin()
    await hand.tell(hand.routing.scored(new_id()))
    await hand.submission("notified")
    second = await hand.tell(hand.routing.scored(new_id()))
    await hand.until("sent", lead_id=second.id)
    assert [posted.chat for posted in hand.bot.chats] == [MOVED_TO, MOVED_TO]
    assert [a["chat_id"] for a in hand.bot.of("sendMessage")] == [CHAT, MOVED_TO, MOVED_TO]


async def test_markup_that_is_refused_is_sent_as_plain_text(hand: Hand) -> None:
    hand.bot.modes = ["entities"]
    hand.reach("telegram")
    hand.begin()
    await hand.tell(hand.routing.scored(new_id()))
    await hand.submission("notified")
    [posted] = hand.bot.chats
    assert "<b>" not in posted.text


async def test_a_proxy_before_the_bot_api_is_left_alone_as_it_asks(hand: Hand) -> None:
    hand.bot.modes = ["proxy_429"]
    hand.reach("telegram")
    hand.begin()
    await hand.tell(hand.routing.scored(new_id()))
    row = await hand.until("planned", attempts=1)
    assert row.error == "http_429"
    [(wait,)] = await hand.routing.rows(
        "SELECT extract(epoch FROM next_at - clock_timestamp()) FROM routing.notifications"
    )
    assert 5.0 < wait <= 7.0
