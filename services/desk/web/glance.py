"""What the health page looks at that is dear: the books and the log, at most every few seconds."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import asyncpg

from libs.common.books import READS, Books, balance
from libs.common.errors import Retry
from libs.common.log import LogUnavailable
from libs.common.runtime import Runtime
from services.desk.verdict import StageSeen

BOOKS_EVERY: Final = 10.0
STAGES_EVERY: Final = 2.0
WITHIN: Final = 8.0


class BooksSeen(NamedTuple):
    """The books, and when they were made up; None where that was not possible."""

    at: datetime
    books: Books | None


class Glances:
    """One for the process: however many pages are open, each question is asked once."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._one = asyncio.Lock()
        self._books: tuple[float, BooksSeen] | None = None
        self._stages: tuple[float, list[StageSeen]] | None = None
        self._behind: dict[str, float] = {}

    async def books(self) -> BooksSeen:
        """The books of a moment ago."""
        async with self._one:
            if self._books is None or time.monotonic() - self._books[0] > BOOKS_EVERY:
                self._books = (time.monotonic(), await self._balance())
            return self._books[1]

    async def _balance(self) -> BooksSeen:
        try:
            async with asyncio.timeout(WITHIN):
                return BooksSeen(datetime.now(UTC), await balance(self._runtime))
        except (Retry, asyncpg.PostgresError, TimeoutError):
            return BooksSeen(datetime.now(UTC), None)

    async def stages(self) -> list[StageSeen]:
        """Every stage as of a moment ago."""
        async with self._one:
            if self._stages is None or time.monotonic() - self._stages[0] > STAGES_EVERY:
                seen = await asyncio.gather(*(self._stage(name) for name in READS))
                self._stages = (time.monotonic(), seen)
            return self._stages[1]

    async def _stage(self, name: str) -> StageSeen:
        now = time.monotonic()
        try:
            async with asyncio.timeout(WITHIN):
                lags = await self._runtime.log.lags(name, READS[name])
        except (LogUnavailable, TimeoutError):
            return StageSeen(name, None, timedelta(), self._trouble(name))
        lag = sum(lags.values())
        if not lag:
            self._behind.pop(name, None)
        since = self._behind.setdefault(name, now) if lag else now
        return StageSeen(name, lag, timedelta(seconds=now - since), self._trouble(name))

    def _trouble(self, name: str) -> str | None:
        check = self._runtime.checks.get(name)
        return check() if check else None
