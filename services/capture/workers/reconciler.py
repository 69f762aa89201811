"""Asks platforms what there was, and takes in what no call has brought.

One page at a time: claim, ask, take in what is missing, settle; no request inside a transaction.
A page whose settlement is lost is asked for again, and what it brought has the same ids. Several
processes share the work by claims, and the pace of a source with its fetcher.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from libs.common import metrics
from libs.common.configuration import values
from libs.common.configuration.schema import Source
from libs.common.configuration.store import first_named
from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.failpoints import fail_point
from libs.common.runtime import Runtime
from services.capture.calls.problems import Problem
from services.capture.door.door import submission_id_of
from services.capture.fetching import pace as paces
from services.capture.reconciling.reconcile import OVERLAP, Pull, begun, ours_since, wanted
from services.capture.sources import KINDS
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Failed
from services.capture.sources.listing import Found, Listing, Page
from services.capture.store import arrivals, pulls
from services.capture.store import paces as stored
from services.capture.store.fetches import Claim
from services.capture.workers.client import Client
from services.capture.workers.comparing import TOLD_OVER, Comparing, Ours, in_force
from services.capture.workers.fetcher import digest_of
from services.capture.workers.settling import Clock
from services.capture.workers.turns import Turns, written

POLL_SECONDS: Final = 2.0
LEASE_SECONDS: Final = 20.0
"""A claim that is older and not settled counts as lost: its page is asked for again."""
MEASURE_SECONDS: Final = 60.0
KEPT: Final = timedelta(days=100)
"""How long it is known what came how; longer than platforms give leads out."""
_FORGET_AT_ONCE: Final = 5000

Take = Callable[[Source, Arrival], Awaitable[None]]
"""Takes in what a list has shown, as the door takes a call. Raises Problem where it cannot."""


class Reconciler:
    """The reconciler of one process."""

    def __init__(
        self, runtime: Runtime, take: Take, client: Client, clock: Clock = stored.database_clock
    ) -> None:
        self._runtime = runtime
        self._take = take
        self._client = client
        self._clock = clock
        self._comparing = Comparing(runtime, clock)
        self._log = structlog.get_logger("capture")
        self._known: set[tuple[str, str, tuple[str, ...]]] = set()
        self._turns = Turns("reconciler", runtime.stop, asyncio.Event())
        self._measure_at = 0.0

    async def run(self) -> None:
        """Compare until the process is to stop; what is under way then lapses."""
        try:
            await self._turns.run(self.turn, POLL_SECONDS)
        finally:
            await self._client.close()

    async def turn(self) -> None:
        """Start what is due, one page of each source. Raises Retry while Postgres is away."""
        for source, listing in self._sources():
            place = (source.kind, source.key)
            if self._turns.under_way(place) or not (ours := await self._claim(source, listing)):
                continue
            fail_point("capture.pull.claimed")
            self._turns.start(place, self._pull(ours, source, listing))
        if self._known and time.monotonic() >= self._measure_at:
            self._measure_at = time.monotonic() + MEASURE_SECONDS
            await self._measure()

    async def settled(self) -> None:
        """Return when nothing is under way."""
        await self._turns.settled()

    def _sources(self) -> Sequence[tuple[Source, Listing]]:
        """Those that can be asked: with a list, a token, and what the list needs to be named by."""
        content = self._runtime.configurations.from_file().content
        found = []
        for source in content.sources:
            listing = KINDS[source.kind].listing if source.kind in KINDS else None
            if listing and source.access_token and source.reconcile != "off":
                found.append((source, listing))
        return [(source, listing) for source, listing in found if listing.places(source)]

    async def _claim(self, source: Source, listing: Listing) -> Ours | None:
        """The next page of a source that may be asked now, if any is due."""
        kind, key, places = source.kind, source.key, listing.places(source)
        async with self._runtime.database.transaction() as tx:
            if (kind, key, places) not in self._known:
                await self._begin(tx, source, places)
            pace = await stored.lock_source(tx, kind, key, wait=False)
            if pace is None:
                return None
            now, credentials = await self._clock(tx), digest_of(source)
            if not paces.room(pace, credentials, now, 1):
                return None
            every = values.duration(source.reconcile)
            pull = await pulls.next_due(tx, kind, key, in_force(source), now, every)
            if pull is None:
                return None
            by = Claim(str(uuid.uuid4()), now, now + timedelta(seconds=LEASE_SECONDS), credentials)
            await pulls.claim(tx, pull, by.token, by.until)
            await stored.save(tx, paces.asked(pace, 1, credentials, now))
        self._known.add((kind, key, places))
        return Ours(begun(pull), by)

    async def _begin(self, tx: Transaction, source: Source, places: tuple[str, ...]) -> None:
        """From when on lists are ours; one that is added later is ours from now on."""
        now, floor = await self._clock(tx), None
        if not await pulls.has_lists(tx, source.kind, source.key):
            first = await arrivals.first_call(tx, source.kind, source.key)
            named = await first_named(tx, source.kind, source.key)
            floor = ours_since(first, named)
        lists = [Pull(source.kind, source.key, each, floor=floor or now) for each in places]
        await pulls.add(tx, lists, now)

    async def _pull(self, ours: Ours, source: Source, listing: Listing) -> None:
        """One page from its claim to its settlement."""
        found: Found = await self._client.page(listing, ours.pull.asked, source)
        fail_point("capture.pull.got")
        if isinstance(found, Page):
            try:
                ours = ours._replace(taken=await self._taken(found, ours.pull, source))
            except (Retry, Problem):  # a page that cannot be taken whole is asked for again
                found = Failed("not_stored")
            fail_point("capture.pull.taken")
        metrics.PULLS.labels(source.kind, type(found).__name__.lower()).inc()
        chance = random.random()  # noqa: S311 - jitter
        if await written(partial(self._comparing.settle, ours, found, chance, source)):
            fail_point("capture.pull.settled")

    async def _taken(self, page: Page, pull: Pull, source: Source) -> tuple[str, ...]:
        """Take in what nobody has sent. Raises Retry or Problem."""
        ids = {
            submission_id_of(source.kind, source.key, each.key): each
            for each in wanted(pull, page)
            if each.key
        }
        if not ids:
            return ()
        async with self._runtime.database.transaction() as tx:
            known = await arrivals.known(tx, list(ids))
        missing = tuple(id_ for id_ in ids if id_ not in known)
        await asyncio.gather(*(self._take(source, ids[id_]) for id_ in missing))
        if missing:
            metrics.BACKFILLED.labels(source.key).inc(len(missing))
            self._log.warning("source.backfilled", source=source.key, leads=len(missing))
        return missing

    async def _measure(self) -> None:
        """Show what the comparing has found, and forget what is long gone."""
        async with self._runtime.database.transaction() as tx:
            now = await self._clock(tx)
            found = await arrivals.compared(tx, now - TOLD_OVER)
            overlap = OVERLAP.total_seconds()
            await arrivals.forget(tx, now - KEPT, overlap, _FORGET_AT_ONCE)
        for each in found:
            for name in ("missing", "late", "repeated"):
                metrics.RECONCILED.labels(each.source, name).set(getattr(each, name))
