"""Fetches what platforms sent by id only: claim, ask, settle; no request inside a transaction.

Several processes share the work by claims. Nothing here is needed to accept a lead.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Final

from libs.common import metrics
from libs.common.configuration.schema import Source
from libs.common.database import Transaction
from libs.common.failpoints import fail_point
from libs.common.runtime import Runtime
from services.capture.fetching import pace as paces
from services.capture.fetching.hydrate import Fetching
from services.capture.fetching.pace import Pace
from services.capture.sources import KINDS
from services.capture.sources.fetch import Fetch, Item
from services.capture.store import fetches, given_up
from services.capture.store import paces as stored
from services.capture.store.fetches import Claim, Which
from services.capture.workers.client import Client
from services.capture.workers.settling import Clock, Settling
from services.capture.workers.turns import Place, Turns, written

POLL_SECONDS: Final = 1.0
LEASE_SECONDS: Final = 25.0
"""A claim that is older and not settled counts as lost: another try is made."""
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
        clock: Clock = stored.database_clock,
    ) -> None:
        self._runtime = runtime
        self._settling = settling
        self._client = client
        self._clock = clock
        self._turns = Turns("fetcher", runtime.stop, noted)
        self._look_at = 0.0

    async def run(self) -> None:
        """Fetch until the process is to stop; what is under way then is cut off and lapses."""
        try:
            await self._turns.run(self.turn, POLL_SECONDS)
        finally:
            await self._client.close()

    async def turn(self) -> None:
        """Start what there is room for. Raises Retry while Postgres is away."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_SECONDS
            await self._look()
        async with self._runtime.database.transaction() as tx:
            known = await stored.list_sources(tx)
        sources = self._sources()
        for kind, key in known:
            await self._serve(kind, key, sources.get((kind, key)))

    async def settled(self) -> None:
        """Return when nothing is under way."""
        await self._turns.settled()

    async def _serve(self, kind: str, key: str, source: Source | None) -> None:
        """Claim for one source, or say why it stands still."""
        credentials = digest_of(source)
        wrong = paces.standing_in_the_way(source)
        fetch = KINDS[kind].fetch if kind in KINDS else None
        if fetch and fetch.names and not (source and source.access_token):
            return  # nobody waits for names: without a token they are not asked for
        if source is None or fetch is None or wrong is not None:
            reason = wrong or paces.NOT_CONFIGURED
            await self._settling.stand_still(kind, key, reason, credentials)
            return
        free = PER_SOURCE - self._turns.under_way((kind, key))
        if free <= 0:
            return
        async with self._runtime.database.transaction() as tx:
            pace = await stored.lock_source(tx, kind, key, wait=False)
            if pace is None:
                return
            now = await self._clock(tx)
            until = now + timedelta(seconds=LEASE_SECONDS)
            by = Claim(str(uuid.uuid4()), now, until, credentials)
            claimed = await _claim(tx, pace, free, by)
        if claimed:
            fail_point("capture.fetch.claimed")
        for one in claimed:
            self._turns.start((kind, key), self._fetch(one, fetch, source, by))

    def _sources(self) -> dict[Place, Source]:
        active = self._runtime.configurations.from_file()
        return {(source.kind, source.key): source for source in active.content.sources}

    async def _fetch(self, one: Fetching, fetch: Fetch, source: Source, by: Claim) -> None:
        """One try from its claim to its settlement; a lost settlement is another try later."""
        item = Item(one.item, one.missing, one.captured.occurred_at)
        result = await self._client.fetch(fetch, item, source)
        fail_point("capture.fetch.got")
        metrics.FETCHES.labels(source.kind, type(result).__name__.lower()).inc()
        chance = random.random()  # noqa: S311 - jitter
        if await written(partial(self._settling.settle, one, by, result, chance, source)):
            fail_point("capture.fetch.settled")

    async def _look(self) -> None:
        """Count what waits, ask again with new tokens, give up what no platform gives out."""
        tokens = [(*place, digest_of(source)) for place, source in self._sources().items()]
        async with self._runtime.database.transaction() as tx:
            now = await self._clock(tx)
            await given_up.ask_with_new_tokens(tx, [each for each in tokens if each[2]], now)
            await given_up.forget(tx, now)
            waiting = await stored.list_fetching(tx)
            lapsed = await fetches.lapsed(tx, now, EXPIRED_AT_ONCE)
        for each in waiting:
            metrics.FETCHES_WAITING.labels(each.source).set(each.waiting)
            metrics.SOURCES_PAUSED.labels(each.source).set(1 if each.reason else 0)
        for place in lapsed:
            await self._settling.expire(place)


async def _claim(tx: Transaction, pace: Pace, free: int, by: Claim) -> list[Fetching]:
    """Take what may be asked of a locked source: of a paused form or page one lead at a time."""
    most = paces.room(pace, by.credentials, by.now, free)
    newer_than = None if most else paces.open_to_newer_than(pace, by.now)
    most = most or (1 if newer_than else 0)
    if not most:
        return []
    standing = await stored.list_places(tx, pace)
    which = Which(most, tuple(each.place for each in standing), None, newer_than)
    claimed = await fetches.claim(tx, pace, which, by)
    for place in standing:
        if len(claimed) >= most:
            break
        is_open = paces.room(place, by.credentials, by.now, 1) > 0
        since = newer_than if is_open else paces.open_to_newer_than(place, by.now)
        if not is_open and since is None:
            continue
        found = await fetches.claim(tx, pace, Which(1, (), place.place, since), by)
        if found:
            await stored.save(tx, paces.asked(place, 1, by.credentials, by.now))
        claimed += found
    if claimed:
        await stored.save(tx, paces.asked(pace, len(claimed), by.credentials, by.now))
    return claimed


def digest_of(source: Source | None) -> str:
    """Tells one token (or version of an API) from another without keeping it; empty without one."""
    if source is None or not source.access_token:
        return ""
    told = f"sarnakh fetch:{source.access_token}"
    if source.api_version:
        told += f" {source.api_version}"
    return sha256(told.encode()).hexdigest()[:32]
