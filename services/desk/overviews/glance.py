"""What is dear to look at, the books and the log: for the health page at most every few seconds."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import asyncpg

from libs.common.books.balance import READS, Books, balance
from libs.common.errors import Retry
from libs.common.log import LogUnavailable
from libs.common.runtime import Runtime
from services.desk.overviews.verdict import StageSeen

BOOKS_EVERY: Final = 10.0
REST: Final = 10
"""Times as long as the books took nobody makes them up again: they read every submission."""
STAGES_EVERY: Final = 2.0
WITHIN: Final = 8.0
SOON: Final = 2.0
"""Seconds that newer books are waited for where there are some."""


class BooksSeen(NamedTuple):
    """The books, and when they were made up; None where that was not possible."""

    at: datetime
    books: Books | None
    why: Retry | asyncpg.PostgresError | None = None
    """Why that was not possible."""


class _Bookkeeping:
    """The books, made up by one at a time: that may take long, and holds a connection."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._last: BooksSeen | None = None
        self._making: asyncio.Task[BooksSeen] | None = None
        self._next: asyncio.Task[BooksSeen] | None = None
        """Those that are begun once the others are made up."""
        self._rest_until = 0.0

    async def seen(self) -> BooksSeen:
        """Those of a moment ago; while newer ones are made up, the last."""
        making, last = self._making or self._next, self._last
        if making is None and time.monotonic() >= self._rest_until:
            making = self._making = asyncio.create_task(self._make())
        if making is not None:
            await asyncio.wait({making}, timeout=SOON if last and last.books else WITHIN)
            if making.done():
                return making.result()
        return last or BooksSeen(datetime.now(UTC), None)

    async def anew(self) -> Books:
        """Those begun after this is called, shared by all who wait for them; see `Glances`."""
        if self._next is None:
            self._next = asyncio.create_task(self._follow(self._making))
        found = await asyncio.shield(self._next)  # others wait for it too
        if found.books is None:
            raise found.why or Retry("postgres")
        return found.books

    async def _follow(self, before: asyncio.Task[BooksSeen] | None) -> BooksSeen:
        if before is not None:
            await asyncio.wait({before})
        self._making, self._next = self._next, None
        return await self._make()

    async def _make(self) -> BooksSeen:
        began, made = time.monotonic(), BooksSeen(datetime.now(UTC), None)
        try:
            made = made._replace(books=await balance(self._runtime))
        except (Retry, asyncpg.PostgresError) as why:  # they cannot be made up now
            made = made._replace(why=why)
        finally:
            now = time.monotonic()
            self._rest_until = now + max(BOOKS_EVERY, REST * (now - began))
            self._last, self._making = made, None
        return made


class Glances:
    """One for the process: however many pages are open, each question is asked once."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._one = asyncio.Lock()
        self._books = _Bookkeeping(runtime)
        self._stages: tuple[float, list[StageSeen]] | None = None
        self._behind: dict[str, float] = {}

    async def books(self) -> BooksSeen:
        """The last that were made up, and when; none where that was not possible."""
        return await self._books.seen()

    async def books_now(self) -> Books:
        """Books whose making up began after this was called, however long that takes.

        Who comes while some are made up shares the next ones. Raises what `balance` raises.
        """
        return await self._books.anew()

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
