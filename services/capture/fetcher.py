"""Fetches what platforms sent by id only: claim, ask, settle; no request inside a transaction.

Several processes share the work by claims. Nothing here is needed to accept a lead.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import structlog

from libs.common import metrics
from libs.common.configuration.schema import Source
from libs.common.errors import Retry
from libs.common.failpoints import fail_point
from libs.common.runtime import Runtime
from services.capture import hydrate
from services.capture.fetching import Client
from services.capture.hydrate import Fetching, Try
from services.capture.settling import Settling
from services.capture.sources import KINDS
from services.capture.sources.contract import Fetch, Item
from services.capture.store import fetches
from services.capture.store.fetches import Claim

POLL_SECONDS: Final = 1.0
LEASE_SECONDS: Final = 25.0
"""A claim that is older and not settled counts as lost: another try is made."""
SETTLE_SECONDS: Final = 40.0
"""How long a result is held while Postgres is away."""
PER_SOURCE: Final = 4
LOOK_SECONDS: Final = 10.0
"""Between two looks at what waits and what has expired."""
EXPIRED_AT_ONCE: Final = 100


class Fetcher:
    """The fetcher of one process."""

    def __init__(
        self,
        runtime: Runtime,
        settling: Settling,
        noted: asyncio.Event,
        client: Client,
        clock: Callable[[], datetime],
    ) -> None:
        self._runtime = runtime
        self._settling = settling
        self._noted = noted
        self._client = client
        self._clock = clock
        self._log = structlog.get_logger("capture")
        self._look_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: Counter[tuple[str, str]] = Counter()

    async def run(self) -> None:
        """Fetch until the process is to stop; what is under way then is cut off and lapses."""
        try:
            while not self._runtime.stop.is_set():
                try:
                    await self.turn()
                except Retry as away:
                    self._log.debug("fetcher waits", dependency=away.dependency)
                await self._wait()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._client.close()

    async def turn(self) -> None:
        """Start what there is room for. Raises Retry while Postgres is away."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_SECONDS
            await self._look()
        async with self._runtime.database.transaction() as tx:
            known = await fetches.list_sources(tx)
        active = self._runtime.configurations.from_file()
        sources = {(source.kind, source.key): source for source in active.content.sources}
        for kind, key in known:
            await self._serve(kind, key, sources.get((kind, key)))

    async def settled(self) -> None:
        """Return when nothing is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _serve(self, kind: str, key: str, source: Source | None) -> None:
        """Claim for one source, or say why it stands still."""
        now = self._clock()
        credentials = digest_of(source)
        wrong = hydrate.standing_in_the_way(source)
        fetch = KINDS[kind].fetch if kind in KINDS else None
        if source is None or fetch is None or wrong is not None:
            await self._settling.stand_still(
                kind, key, wrong or hydrate.NOT_CONFIGURED, credentials, now
            )
            return
        free = PER_SOURCE - self._under_way[kind, key]
        if free <= 0:
            return
        by = Claim(str(uuid.uuid4()), now, now + timedelta(seconds=LEASE_SECONDS))
        async with self._runtime.database.transaction() as tx:
            pace = await fetches.lock_source(tx, kind, key, wait=False)
            most = hydrate.room(pace, credentials, now, free) if pace else 0
            if pace is None or not most:
                return
            claimed = await fetches.claim(tx, pace, most, by)
            if claimed:
                asked = hydrate.asked(pace, len(claimed), credentials, now)
                await fetches.save_source(tx, asked)
        if claimed:
            fail_point("capture.fetch.claimed")
        for one in claimed:
            self._start((kind, key), self._fetch(one, fetch, source, by))

    def _start(self, place: tuple[str, str], work: Coroutine[Any, Any, None]) -> None:
        self._under_way[place] += 1

        def done(ended: asyncio.Task[None]) -> None:
            self._tasks.discard(ended)
            self._under_way[place] -= 1
            self._noted.set()
            if not ended.cancelled() and (error := ended.exception()):
                self._log.error("a fetch was not settled", error=type(error).__name__)

        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(done)

    async def _fetch(self, one: Fetching, fetch: Fetch, source: Source, by: Claim) -> None:
        """One try from its claim to its settlement; a lost settlement is another try later."""
        result = await self._client.fetch(fetch, Item(one.item, one.missing), source)
        fail_point("capture.fetch.got")
        metrics.FETCHES.labels(source.kind, type(result).__name__.lower()).inc()
        chance = random.random()  # noqa: S311 - jitter
        until = time.monotonic() + SETTLE_SECONDS
        while True:
            this = Try(by.now, self._clock(), digest_of(source), chance)
            try:
                await self._settling.settle(one, by.token, result, this, source)
                break
            except Retry:
                if time.monotonic() > until:
                    return
                await asyncio.sleep(POLL_SECONDS)
        fail_point("capture.fetch.settled")

    async def _look(self) -> None:
        """Count what waits, and give up what no platform gives out any more."""
        async with self._runtime.database.transaction() as tx:
            waiting = await fetches.list_fetching(tx)
            lapsed = await fetches.lapsed(tx, self._clock(), EXPIRED_AT_ONCE)
        for each in waiting:
            metrics.FETCHES_WAITING.labels(each.source).set(each.waiting)
            metrics.SOURCES_PAUSED.labels(each.source).set(1 if each.reason else 0)
        for place in lapsed:
            await self._settling.expire(place, self._clock())

    async def _wait(self) -> None:
        """Until something is noted or settled, or a second has gone, or the process is to stop."""
        waits = [
            asyncio.ensure_future(self._noted.wait()),
            asyncio.ensure_future(self._runtime.stop.wait()),
        ]
        await asyncio.wait(waits, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        self._noted.clear()


def digest_of(source: Source | None) -> str:
    """Tells one token from another without keeping it; empty where there is none."""
    token = source.access_token if source else None
    return sha256(f"sarnakh fetch:{token}".encode()).hexdigest()[:32] if token else ""
