"""A bot whose chats are answered by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.database import Database
from tests.integration.capture.replies.chatting import Chats


@pytest.fixture
async def chats(database: Database, tmp_path: Path) -> AsyncIterator[Chats]:
    made = Chats(database, tmp_path)
    await made.bot.start()
    made.configure()
    made.another()
    yield made
    for poster in made.posters:
        await poster.close()
    await made.bot.stop()
