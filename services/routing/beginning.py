"""Notes that messages are being written, right before they are (delivery rule 20).

A claim that lapsed before that was never more than a plan, and is simply sent again. Notes of
one moment share a statement: while one is under way, others gather.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Final

from libs.common.database import Database
from libs.common.errors import Retry
from libs.common.failpoints import fail_point
from services.routing.store import sending

Claim = tuple[str, str]
"""A notification and the token under which it is ours."""
NOTE_SECONDS: Final = 3.0
"""A database that is slower than this is away; then nothing is written."""


class Beginnings:
    """The notes of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: dict[Claim, asyncio.Future[bool]] = {}
        self._task: asyncio.Task[None] | None = None

    async def note(self, notification_id: str, token: str) -> bool:
        """Whether it may be written now: False where the claim is lost, or that is not known."""
        asked = (notification_id, token)
        if asked not in self._asked:
            self._asked[asked] = asyncio.get_running_loop().create_future()
        answer = self._asked[asked]
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                begun: Collection[Claim] = frozenset()
                try:
                    begun = await self._noted(asked.keys())
                finally:
                    _give(asked, begun)
        finally:
            self._task = None
            _give(self._asked, frozenset())

    async def _noted(self, asked: Collection[Claim]) -> Collection[Claim]:
        try:
            async with asyncio.timeout(NOTE_SECONDS), self._database.transaction() as tx:
                begun = await sending.begin(tx, asked)
        except (Retry, TimeoutError):
            return frozenset()
        fail_point("routing.begun")
        return begun


def _give(asked: Mapping[Claim, asyncio.Future[bool]], begun: Collection[Claim]) -> None:
    for claim, answer in asked.items():
        if not answer.done():
            answer.set_result(claim in begun)
