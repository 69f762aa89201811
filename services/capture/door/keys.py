"""Idempotency keys: asked for within 50 ms, kept for a week, and never in the way.

Where Postgres does not answer in time the request is accepted under the id derived from its
key; a differing body is then seen downstream (contract, section 4).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import asyncpg

from libs.common.database import Database
from libs.common.errors import Retry
from libs.common.together import Together
from services.capture import store
from services.capture.store import Key, Used

ASK_SECONDS: Final = 0.05
KEPT: Final = timedelta(days=7)
_AWAY_SECONDS: Final = 1.0
_STATEMENT_SECONDS: Final = 2.0
_DROP_AT_ONCE: Final = 5000
_AT_ONCE: Final = 500

_T = TypeVar("_T")


class Keys:
    """The keys of all workers, in Postgres, and those in work in this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.in_work: set[Key] = set()
        self._on_the_way: dict[Key, Used] = {}
        self._away_until = 0.0
        self._finds = Together(self._find, most=_AT_ONCE)
        self._keeps = Together(self._keep, most=_AT_ONCE)

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
        keeping = asyncio.create_task(self._keeps.ask((key, used)))
        keeping.add_done_callback(lambda done: self._kept(key, done))
        await asyncio.wait({keeping}, timeout=ASK_SECONDS)

    def _kept(self, key: Key, done: asyncio.Task[None]) -> None:
        self._on_the_way.pop(key, None)
        if not done.cancelled():
            done.exception()

    async def forget_old(self) -> None:
        """Drop keys older than a week. Raises Retry."""
        before = datetime.now(UTC) - KEPT
        gone = _DROP_AT_ONCE
        while gone == _DROP_AT_ONCE:
            async with self._database.transaction() as tx:
                gone = await store.drop_keys(tx, before, _DROP_AT_ONCE)

    async def _find(self, keys: Sequence[Key]) -> Sequence[Used | None]:
        found = await self._within(self._found(keys))
        return [found.get(key) for key in keys]

    async def _keep(self, used: Sequence[tuple[Key, Used]]) -> Sequence[None]:
        await self._within(self._stored(used))
        return [None] * len(used)

    async def _found(self, keys: Sequence[Key]) -> dict[Key, Used]:
        async with self._database.transaction() as tx:
            return await store.find_keys(tx, keys)

    async def _stored(self, used: Sequence[tuple[Key, Used]]) -> None:
        async with self._database.transaction() as tx:
            await store.keep_keys(tx, used, datetime.now(UTC))

    async def _within(self, statement: Coroutine[None, None, _T]) -> _T:
        """What it gives. Raises Retry when Postgres is away, and unasked for a while after."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._away_until:
            statement.close()
            raise Retry("postgres")
        try:
            async with asyncio.timeout(_STATEMENT_SECONDS):
                return await statement
        except (Retry, TimeoutError, OSError, asyncpg.PostgresError) as error:
            self._away_until = loop.time() + _AWAY_SECONDS
            raise Retry("postgres") from error


def key_of(source: str, key: str) -> Key:
    """The key as it is stored: whose it is and its digest."""
    return Key(source, hashlib.sha256(key.encode()).digest())
