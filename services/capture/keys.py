"""Idempotency keys: asked for within 50 ms, kept for a week, and never in the way.

Where Postgres does not answer in time the request is accepted under the id derived from its
key; a differing body is then seen downstream (contract, section 4).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar

from sqlalchemy import exc

from libs.common.database import Database
from libs.common.errors import Retry
from services.capture import store
from services.capture.store import Key, Used

ASK_SECONDS: Final = 0.05
KEPT: Final = timedelta(days=7)
_AWAY_SECONDS: Final = 1.0
_STATEMENT_SECONDS: Final = 2.0
_DROP_AT_ONCE: Final = 5000

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class _Together(Generic[_In, _Out]):
    """Puts calls that come at the same time into one statement, one statement at a time."""

    def __init__(self, run: Callable[[Sequence[_In]], Awaitable[Sequence[_Out]]]) -> None:
        self._run = run
        self._waiting: list[tuple[_In, asyncio.Future[_Out]]] = []
        self._task: asyncio.Task[None] | None = None
        self._away_until = 0.0

    def ask(self, item: _In) -> asyncio.Future[_Out]:
        """The answer for one, to come; fails with Retry when Postgres is away."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Out] = loop.create_future()
        if loop.time() < self._away_until:
            future.set_exception(Retry("postgres"))
            return future
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return future

    async def _work(self) -> None:
        while self._waiting:
            batch = [waiting for waiting in self._waiting if not waiting[1].done()]
            self._waiting = []
            try:
                async with asyncio.timeout(_STATEMENT_SECONDS):
                    answers = await self._run([item for item, _ in batch])
            except (Retry, TimeoutError, OSError, exc.SQLAlchemyError):
                self._away_until = asyncio.get_running_loop().time() + _AWAY_SECONDS
                for _, future in batch:
                    if not future.done():
                        future.set_exception(Retry("postgres"))
                continue
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)


class Keys:
    """The keys of all workers, in Postgres, and those in work in this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.in_work: set[Key] = set()
        self._on_the_way: dict[Key, Used] = {}
        self._finds: _Together[Key, Used | None] = _Together(self._find)
        self._keeps: _Together[tuple[Key, Used], bool] = _Together(self._keep)

    async def used(self, key: Key) -> Used | None:
        """What the key was used for; None when it is new or nobody can say in time."""
        if key in self._on_the_way:
            return self._on_the_way[key]
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await self._finds.ask(key)
        except (TimeoutError, Retry):
            return None

    async def keep(self, key: Key, used: Used) -> None:
        """Remember it; an answer waits for that only so long, then it goes on without it."""
        self._on_the_way[key] = used
        keeping = self._keeps.ask((key, used))
        keeping.add_done_callback(lambda done: self._kept(key, done))
        await asyncio.wait({keeping}, timeout=ASK_SECONDS)

    def _kept(self, key: Key, done: asyncio.Future[bool]) -> None:
        self._on_the_way.pop(key, None)
        done.exception()

    async def forget_old(self) -> None:
        """Drop keys older than a week. Raises Retry."""
        before = datetime.now(UTC) - KEPT
        gone = _DROP_AT_ONCE
        while gone == _DROP_AT_ONCE:
            async with self._database.transaction() as tx:
                gone = await store.drop_keys(tx, before, _DROP_AT_ONCE)

    async def _find(self, keys: Sequence[Key]) -> Sequence[Used | None]:
        async with self._database.transaction() as tx:
            found = await store.find_keys(tx, keys)
        return [found.get(key) for key in keys]

    async def _keep(self, used: Sequence[tuple[Key, Used]]) -> Sequence[bool]:
        async with self._database.transaction() as tx:
            await store.keep_keys(tx, used, datetime.now(UTC))
        return [True] * len(used)


def key_of(source: str, key: str) -> Key:
    """The key as it is stored: whose it is and its digest."""
    return Key(source, hashlib.sha256(key.encode()).digest())


def read_key(header: str) -> str | None:
    """An Idempotency-Key, with quotes (the IETF draft) or without. Raises ValueError."""
    key = header.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key and not header:
        return None
    if not 1 <= len(key) <= 255 or not key.isprintable():  # noqa: PLR2004  # the standard's limit
        raise ValueError("an Idempotency-Key has 1 to 255 printable characters")
    return key
