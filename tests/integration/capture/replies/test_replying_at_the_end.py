"""Where the process is to stop while a chat is being answered, the outcome is written down."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from services.capture.workers import replier
from tests.doubles.telegram import TOKEN, BotServer, Mode
from tests.fixtures.capture.capturing import capturing
from tests.fixtures.capture.memory_log import MemoryLog
from tests.fixtures.capture.waiting import until
from tests.integration.capture.replies.chatting import FILE, SAID, Chats

ANSWERS_AFTER = 0.8
"""Seconds after the door has closed: by then nothing but the answer keeps the process."""


class Slow(BotServer):
    """Answers when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = asyncio.Event()

    async def _done(
        self, method: str, mode: Mode, arguments: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        await self.let_go.wait()
        return await super()._done(method, mode, arguments)


async def closed(url: str) -> None:
    """Until the door takes nobody any more."""
    async with httpx.AsyncClient(base_url=url) as http, asyncio.timeout(30):
        while True:
            try:
                await http.get("/healthz", timeout=1)
            except httpx.HTTPError:
                return


async def test_an_answer_under_way_is_finished_when_the_process_is_to_stop(
    chats: Chats, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replier, "CLOSE_SECONDS", 60.0)  # for as long as the door takes to close
    chats.now = datetime.now(UTC)
    await chats.hears(chats.message("1"))
    bot, folder = Slow(), tmp_path / "worker"
    folder.mkdir()
    await bot.start()
    file = FILE.format(token=TOKEN, url=bot.url, reply=SAID)
    log = cast("MemoryLog", chats.log)  # this one can be read by a stage too
    async with capturing(folder, database_url, configuration=file, log=log) as worker:
        await until(lambda: bool(bot.calls))
        worker.runtime.stop.set()
        await closed(worker.url)
        asyncio.get_running_loop().call_later(ANSWERS_AFTER, bot.let_go.set)
    await bot.stop()
    assert await chats.states() == ["sent"]
