"""Listens whether sources have gone quiet: a metric, the log, and an event once per silence.

What is counted is the time in which somebody listened: neither a start, nor a read model that is
built anew, nor hours in which nothing ran make a source silent.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from libs.common import metrics
from libs.common.books.balance import READS
from libs.common.configuration import Active
from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.events import Event
from libs.common.log import LogUnavailable, Partition
from libs.common.runtime import Runtime
from libs.common.stage import timers
from libs.common.stage.inputs import Inputs
from services.desk.sources.habits import Habits
from services.desk.sources.quiet import (
    LOOKED_AT,
    Way,
    heard_again,
    is_over,
    may_worry,
    silent,
    usual_of,
    ways_in,
)
from services.desk.store import silences
from services.desk.store.silences import Quiet

LOOK_SECONDS: Final = 60.0
LISTENED_AT_MOST: Final = timedelta(minutes=15)
"""Between two looks that are further apart nothing ran, or the read model was behind."""
WITHIN: Final = 8.0


class Silences:
    """The listener of one process; of several each adds the time that it has listened."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._inputs = Inputs("desk", runtime)
        self._log = structlog.get_logger("desk")
        self._ends: Mapping[Partition, int] | None = None
        self._measured: set[str] = set()
        self._habits = Habits()

    async def run(self) -> None:
        """Look once a minute until the process is to stop."""
        stop = self._runtime.stop
        while not stop.is_set():
            try:
                await self.look()
            except (Retry, LogUnavailable, TimeoutError):
                pass  # nobody listens as long as it is away
            except Exception:  # the pages and the stage go on
                self._log.exception("a look at what is silent failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_SECONDS)

    async def look(self) -> None:
        """Tell what is to be told now. Raises Retry, LogUnavailable or TimeoutError.

        Nothing is told while arrivals may wait on the log that the read model does not show yet.
        """
        if not await self._has_caught_up():
            return
        async with self._runtime.database.transaction() as tx:
            active = await self._runtime.configurations.in_force(tx)
            ways = {way.key: way for way in ways_in(active.content)}
            found = await silences.listen(tx, list(ways), LISTENED_AT_MOST)
            now = await timers.clock(tx)
        told = {one.source for one in found if one.said_of and not is_over(one)}
        for one in found:
            if is_over(one):
                await self._end(ways[one.source], one, now)
            elif may_worry(one) and await self._tell(ways[one.source], one, active, now):
                told.add(one.source)
        self._habits.keep(ways)
        self._measure(found, told, now)

    async def _has_caught_up(self) -> bool:
        """Whether the read model has all that was on the log when this was asked before."""
        topics = READS["desk"]
        async with asyncio.timeout(WITHIN):
            spans = await self._runtime.log.spans(topics)
            lags = await self._runtime.log.lags("desk", topics)
        before, self._ends = self._ends, {lane: span.stop for lane, span in spans.items()}
        # asked later, the lag is the greater: what counts as read has been read
        return before is not None and all(
            end - lags.get(lane, 0) >= before.get(lane, 0) for lane, end in self._ends.items()
        )

    async def _tell(self, way: Way, quiet: Quiet, active: Active, now: datetime) -> bool:
        """Say it where it is silent; whether it is."""
        async with self._runtime.database.transaction() as tx:
            habit = await self._habits.of(tx, quiet, active)
            if habit is None or not habit.is_silent(quiet.newest_at, quiet.listened, now):
                return False
            came = await silences.arrivals(tx, quiet.source, LOOKED_AT)
        at_most = habit.usual_until(quiet.newest_at, now)

        async def work(tx: Transaction) -> Sequence[Event]:
            if not await silences.say(tx, way.key, quiet.newest_at, at_most):
                return []
            self._log.warning("source.silent", source=way.key, last_at=quiet.newest_at.isoformat())
            return [silent(way, quiet, now, usual_of(quiet, came), at_most)]

        # its row says what was told; should that be lost, the event's id is the same
        await self._inputs.take(str(uuid.uuid4()), work)
        return True

    async def _end(self, way: Way, quiet: Quiet, now: datetime) -> None:
        since = quiet.said_of

        async def work(tx: Transaction) -> Sequence[Event]:
            until = await silences.end(tx, way.key, since) if since else None
            if since is None or until is None:
                return []
            self._log.info("source.heard_again", source=way.key, after=str(until - since))
            return [heard_again(way, since, until, now)]

        await self._inputs.take(str(uuid.uuid4()), work)

    def _measure(self, found: Sequence[Quiet], told: Collection[str], now: datetime) -> None:
        for gone in self._measured - {one.source for one in found}:
            metrics.SOURCE_QUIET.remove(gone)
            metrics.SOURCE_SILENT.remove(gone)
        for one in found:
            metrics.SOURCE_QUIET.labels(one.source).set((now - one.newest_at).total_seconds())
            metrics.SOURCE_SILENT.labels(one.source).set(one.source in told)
        self._measured = {one.source for one in found}
