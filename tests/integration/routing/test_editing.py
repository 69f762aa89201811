"""Messages are brought up to date channel by channel, each at its provider's own pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import pytest

from services.routing.channels.bot_api import BotApi
from services.routing.channels.telegram import Telegram
from services.routing.sending.clock import Clock
from services.routing.sending.editing import Editor
from services.routing.sending.notify import Notifier
from services.routing.stage import utc_now
from tests.doubles.telegram import TOKEN, BotServer
from tests.integration.routing.conftest import Routing, new_id
from tests.integration.routing.hand import Hand


class TwoBots(Hand):
    """Sara is told by two bots; the editor has both."""

    def __init__(self, routing: Routing, folder: Path) -> None:
        super().__init__(routing, folder)
        self.bale = BotServer()

    def configure(self, routes: str = "") -> None:
        del routes
        self.routing.configure(f"""
teams:
  - key: seo
    name: SEO
    specialists:
      - key: sara
        name: Sara
        languages: [en]
        notify: [{{channel: telegram, to: '777'}}, {{channel: bale, to: '888'}}]
routing: {{fallback: seo}}
channels:
  telegram: {{token: "{TOKEN}", api_url: "{self.bot.url}"}}
  bale: {{token: "{TOKEN}", api_url: "{self.bale.url}"}}
""")

    def start(
        self, answer_seconds: float = 30.0, own: Callable[[], datetime] = utc_now
    ) -> Notifier:
        runtime = self.runtime()

        def channels() -> list[Telegram]:
            return [Telegram(name, BotApi(), answer_seconds) for name in ("telegram", "bale")]

        notifier = Notifier(runtime, channels(), self.settling(runtime), self.planned, Clock(own))
        for job in (notifier.run(), Editor(runtime, channels()).run()):
            self._tasks.append((runtime.stop, asyncio.create_task(job)))
        return notifier


@pytest.fixture
async def bots(routing: Routing, tmp_path: Path) -> AsyncIterator[TwoBots]:
    found = TwoBots(routing, tmp_path)
    await found.bot.start()
    await found.bale.start()
    found.configure()
    yield found
    await found.stop()
    await found.bale.stop()


async def test_invariant_15_a_provider_that_hangs_delays_no_other(bots: TwoBots) -> None:
    bots.bot.edits = ["hang_after"]
    bots.start(answer_seconds=300.0)
    leads = [await bots.tell(bots.routing.scored(new_id())) for _ in range(3)]
    await bots.until("sent")
    for lead in leads:
        await bots.routing.lead(bots.routing.act(lead, "staff.won"))
    await bots.see(lambda: bots.bot.of("editMessageText"))
    await bots.see(lambda: all("Won" in posted.text for posted in bots.bale.chats))
    assert len(bots.bale.chats) == 3
