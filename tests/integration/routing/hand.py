"""Specialists reached by e-mail and Telegram, with providers that behave as they are told."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from libs.common.events import Event, decode
from services.routing.buttons.replies import Replies
from services.routing.channels.bot_api import BotApi
from services.routing.channels.contract import Channel
from services.routing.channels.mail import Email
from services.routing.channels.telegram import Telegram
from services.routing.sending.clock import Clock
from services.routing.sending.editing import Editor
from services.routing.sending.notify import Notifier
from services.routing.stage import utc_now
from tests.doubles.smtp import SmtpServer
from tests.doubles.telegram import TOKEN, BotServer
from tests.integration.routing.conftest import Routing, Sending

CHAT = "777"


class Hand(Sending):
    """The notifier, the editor and the fetcher of replies over the stage's rows."""

    def __init__(self, routing: Routing, folder: Path) -> None:
        super().__init__(routing, folder)
        self.bot = BotServer()
        self.smtp = SmtpServer()

    def reach(self, *routes: str, managers: str = "") -> None:
        """Sara is told by these of telegram and email; Mina, the manager, by e-mail."""
        to = {"telegram": CHAT, "email": "sara@nil.example"}
        notify = ", ".join(f"{{channel: {route}, to: '{to[route]}'}}" for route in routes)
        self.routing.configure(f"""
organisation: {{name: Nil, languages: [fa, en]}}
teams:
  - key: seo
    name: SEO
    {managers}
    specialists:
      - {{key: sara, name: Sara, languages: [en], notify: [{notify}]}}
      - {{key: reza, name: Reza, weight: 0.01}}
  - key: reception
    name: reception
    specialists:
      - {{key: mina, name: Mina, notify: [{{channel: email, to: mina@nil.example}}]}}
routing:
  fallback: reception
  pages: [{{pattern: "nil.example/services/seo/*", team: seo}}]
channels:
  telegram: {{token: "{TOKEN}", api_url: "{self.bot.url}"}}
  email: {{url: "{self.smtp.url}", from: "Sarnakh <leads@nil.example>"}}
""")

    def begin(
        self, *, editor: bool = False, replies: bool = False, seconds: float = 30.0
    ) -> Notifier:
        """Start the notifier, and what else is wanted; all stop with the test.

        `seconds`: how long a provider is waited for.
        """
        runtime = self.runtime()
        settling = self.settling(runtime)

        def channels() -> list[Channel]:
            return [Email(seconds, seconds), Telegram("telegram", BotApi(), seconds)]

        notifier = Notifier(runtime, channels(), settling, self.planned, Clock(utc_now))
        jobs = [notifier.run()]
        if editor:
            jobs.append(Editor(runtime, channels()).run())
        if replies:
            jobs.append(Replies(runtime, "telegram", settling, utc_now).run())
        self._tasks += [(runtime.stop, asyncio.create_task(job)) for job in jobs]
        return notifier

    async def see(self, what: Any, seconds: float = 30.0) -> Any:
        """The first truthy result of `what()`."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not (found := what()):
            assert asyncio.get_running_loop().time() < deadline, (self.bot.calls, self.said)
            for stop, task in self._tasks:
                if task.done() and not stop.is_set():
                    task.result()
            await asyncio.sleep(0.02)
        return found

    def activities(self) -> list[Event]:
        """What was published of staff's presses, oldest first."""
        found = [decode(record) for lane in self.log.lanes.values() for record in lane]
        return [event for event in found if event.topic == "leads.activity.v1"]

    async def stop(self) -> None:
        await super().stop()
        await self.bot.stop()
        await self.smtp.stop()
