"""Capture's stage and replier over a real database and a fake bot API, with a clock by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from libs.common.database import Database, Transaction
from libs.common.database.statements import text
from libs.common.events import Event, LeadCaptured, derived_id
from services.capture.replies.spoken import Spoken
from services.capture.stage import CaptureStage
from services.capture.workers.posting import Poster
from services.capture.workers.replier import Replier
from tests.doubles.memory_log import MemoryLog
from tests.doubles.runtime import runtime_of
from tests.doubles.telegram import TOKEN, BotServer

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
FILE = """
organisation: {{working_week: {{sat: ["09:00-17:00"]}}}}
sources:
  - {{key: bot, kind: telegram, secret: s, access_token: "{token}", api_url: "{url}",
     auto_reply: {reply}}}
teams: [{{key: t, name: T, specialists: [{{key: a, name: A,
  notify: [{{channel: telegram, to: "7"}}]}}]}}]
channels: {{telegram: {{token: "1:a"}}}}
routing: {{fallback: t}}
"""
SAID = "{fa: «سلام», en: Hello, outside_hours: {fa: بسته, en: Closed}}"


class Chats:
    """The stage and one or more repliers, with a clock by hand."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.bot = BotServer()
        self.log = MemoryLog()
        self.now = START
        self.stage = CaptureStage(asyncio.Event(), self._clock)
        self.repliers: list[Replier] = []
        self.posters: list[Poster] = []
        self.spoken = Spoken()

    async def _clock(self, _tx: Transaction) -> datetime:
        return self.now

    def configure(self, reply: str = SAID) -> None:
        written = FILE.format(token=TOKEN, url=self.bot.url, reply=reply)
        (self.folder / "sarnakh.yaml").write_text(written, "utf-8")

    def another(self, seconds: float = 10.0) -> Replier:
        """One more replier, as another process would have it."""
        runtime = runtime_of(self.database, self.folder / "sarnakh.yaml", self.log)
        self.posters.append(Poster(seconds))
        owed = asyncio.Event()
        made = Replier(runtime, owed, self.posters[-1], self.spoken, self._clock)
        self.repliers.append(made)
        return self.repliers[-1]

    async def hears(self, *messages: LeadCaptured) -> None:
        events = [Event(m.submission_id, m.submission_id, self.now, m) for m in messages]
        async with self.database.transaction() as tx:
            await self.stage.handle(tx, events)

    def message(self, name: str, person: str = "42", **more: Any) -> LeadCaptured:
        given: dict[str, Any] = {
            "fields": {"handle": f"telegram:{person}", "message": "سلام"},
            "reply": {"chat": person},
        } | more
        id_ = derived_id("s", name)
        return LeadCaptured(id_, "chat", "bot", "telegram", self.now, "d", b"", **given)

    async def run(self, turns: int = 1, **span: float) -> None:
        self.now += timedelta(**span)
        for _ in range(turns):
            await asyncio.gather(*(each.turn() for each in self.repliers))
            await asyncio.gather(*(each.settled() for each in self.repliers))

    async def states(self) -> list[str]:
        async with self.database.transaction() as tx:
            rows = await tx.execute(text("SELECT state FROM capture.replies ORDER BY heard_at"))
            return [row[0] for row in rows]

    def told(self) -> list[tuple[str, str]]:
        return [(each["chat_id"], each["text"]) for each in self.bot.of("sendMessage")]
