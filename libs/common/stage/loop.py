"""The loop under every stage: fetch, apply in one transaction, publish, then commit offsets.

docs/architecture.md, "How delivery works"; the numbered tests are in tests/integration/stage.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Sequence
from datetime import date
from typing import Final

import structlog

from libs.common import metrics, topics
from libs.common.errors import Retry
from libs.common.failpoints import fail_point
from libs.common.log import Batch, Held, LogUnavailable, Partition, Reader
from libs.common.runtime import Runtime
from libs.common.stage.chores import keep_house
from libs.common.stage.contract import Chooses, Stage
from libs.common.stage.flights import Flights
from libs.common.stage.positions import Positions
from libs.common.stage.retention import make_days
from libs.common.stage.slice import Outcome, Slices, read
from libs.common.stage.tempo import Tempo
from libs.common.stage.watchdog import Watchdog
from libs.common.waiting import unless

SLICE: Final = 300
AT_ONCE: Final = 2
"""Slices of different partitions under way while more is waiting: one computes while the other
waits for Postgres or the log. Where nothing waits, one after the other: fuller ones cost less."""
FETCH_SECONDS: Final = 1.0
PUBLISH_SECONDS: Final = 10.0
COMMIT_EVERY: Final = 0.1
"""Seconds between offset commits: an offset that lags only means that answers are looked up."""
PASSED_EVERY: Final = 1.0
"""Seconds between two notes of how far a stage has come that had nothing to do."""
LONGEST_HOLD: Final = 5.0
DEAD_IN_A_ROW: Final = 100
"""So many dead letters with nothing good between them stop the stage: the fault is ours."""


class StageStopped(Exception):
    """The stage gave up on too many events in a row and waits for a human."""


async def run_stage(stage: Stage, runtime: Runtime) -> None:
    """Run the stage until `runtime.stop` is set; joins its group again whenever that fails.

    After too many dead letters in a row it stands still, with its health check failing, until
    a human starts the process again. Raises StageStuck for lag without progress.
    """
    loop = _Loop(stage, runtime)
    runtime.checks[stage.name] = loop.trouble
    chores: asyncio.Task[None] | None = None
    try:
        while not runtime.stop.is_set():
            try:
                await make_days(stage.name, runtime.database)
                # only now: before the first migration there is no house to keep
                chores = chores or asyncio.create_task(keep_house(stage.name, runtime))
                await loop.run()
            except (Retry, LogUnavailable) as away:
                await loop.hold(away)
            except StageStopped:
                await runtime.stop.wait()
    finally:
        if chores is not None:
            chores.cancel()
            await asyncio.gather(chores, return_exceptions=True)


class _Loop:
    def __init__(self, stage: Stage, runtime: Runtime) -> None:
        self._stage = stage
        self._runtime = runtime
        self._slices = Slices(stage, runtime.database, runtime.log)
        self._log = structlog.get_logger().bind(stage=stage.name)
        self._watchdog = Watchdog(stage.name)
        self._positions = Positions(
            self._slices.journal, runtime.database, runtime.log, stage.topics
        )
        self._published: list[tuple[str, date]] = []
        self._commits: dict[Partition, tuple[Held, int]] = {}
        self._passed: dict[Partition, int] = {}
        self._passed_at = 0.0
        self._flights = Flights()
        self._tempo = Tempo(len(stage.topics) * topics.PARTITIONS)
        self._holds = 0
        self._dead_in_a_row = 0
        self._trouble: str | None = "starting"

    def trouble(self) -> str | None:
        """What is wrong with the stage, for its health page."""
        return self._trouble

    async def run(self) -> None:
        """One membership of the group, from joining to leaving."""
        reader = await self._runtime.log.reader(self._stage.name, self._stage.topics)
        committer = asyncio.create_task(self._commit_often(reader))
        self._trouble = None
        try:
            while not self._runtime.stop.is_set():
                batches = await self._fetch(reader)
                if batches:
                    await self._work(reader, batches)
                else:
                    await self._land(reader, 0)
                    await self._note_published()
                    await self._note_passed()
                await self._watchdog.look(reader, progressed=bool(batches))
        except asyncio.CancelledError:
            self._flights.cancel()
            raise
        finally:
            await self._flights.end()
            committer.cancel()
            await asyncio.gather(committer, return_exceptions=True)
            try:
                with contextlib.suppress(LogUnavailable, Retry):
                    await self._commit(reader)
                    await self._note_published()
                    await self._note_passed()
            finally:  # a reader that stays open would keep its partitions for ever
                await reader.close()
                self._positions.clear()
                self._commits.clear()
                self._passed.clear()

    async def _fetch(self, reader: Reader) -> list[Batch]:
        """What is to be done next; waits for records or for the order to stop."""
        batches = await unless(self._runtime.stop, self._look(reader))
        if batches is None or self._runtime.stop.is_set():
            return []
        return await self._positions.begin(reader, batches)

    async def _look(self, reader: Reader) -> Sequence[Batch]:
        if rest := self._tempo.rest(time.monotonic(), len(reader.assigned())):
            await asyncio.sleep(rest)
        found = await reader.fetch(SLICE, FETCH_SECONDS)
        if found:
            values = [record.value for batch in found for record in batch.records]
            self._tempo.begun(time.monotonic(), len(values), sum(map(len, values)))
        return found

    async def _work(self, reader: Reader, batches: Sequence[Batch]) -> None:
        """Have the batches applied; comes back when the next may be fetched."""
        flights, partitions = self._flights, frozenset(batch.held.partition for batch in batches)
        await flights.clear(partitions)
        if flights.away is None:
            flights.start(self._apply(batches), partitions)
        else:
            flights.lose(batches)
        is_behind = sum(len(batch.records) for batch in batches) >= SLICE and not self._holds
        await self._land(reader, AT_ONCE - 1 if is_behind else 0)

    async def _land(self, reader: Reader, left: int) -> None:
        """Wait for all slices but so many; for all, and the dependency, when one was held."""
        await self._flights.land(left)
        if (away := self._flights.away) is not None:
            await self._flights.land(0)
            await self._flights.go_back(reader)
            await self.hold(away)

    async def _apply(self, batches: Sequence[Batch]) -> None:
        began = time.perf_counter()
        records = [record for batch in batches for record in batch.records]
        if isinstance(self._stage, Chooses):
            records = [record for record in records if self._stage.wants(record)]
        ends = {batch.held.partition: batch.records[-1].offset + 1 for batch in batches}
        if not records:
            await self._pass_over(batches, ends)
            return
        noted, self._published = self._published, []
        try:
            outcomes = await self._slices.apply(await read(records), ends, noted)
            fail_point(f"{self._stage.name}.applied")
            await self._publish(outcomes)
            fail_point(f"{self._stage.name}.published")
        except (Retry, LogUnavailable) as away:
            self._published = noted + self._published
            self._flights.away = away
            self._flights.lose(batches)
            return
        except BaseException:
            self._published = noted + self._published
            raise
        self._holds = 0
        self._trouble = None
        self._done(batches, ends)
        metrics.SLICE_SECONDS.labels(self._stage.name).observe(time.perf_counter() - began)
        self._count(outcomes)

    async def _pass_over(self, batches: Sequence[Batch], ends: dict[Partition, int]) -> None:
        """Nothing to apply: go on, and have the database know it now and then (rule 6)."""
        self._done(batches, ends)
        self._passed.update(ends)
        if time.monotonic() - self._passed_at > PASSED_EVERY:
            await self._note_passed()

    def _done(self, batches: Sequence[Batch], ends: dict[Partition, int]) -> None:
        for batch in batches:
            self._commits[batch.held.partition] = (batch.held, ends[batch.held.partition])
            self._passed.pop(batch.held.partition, None)

    async def _publish(self, outcomes: Sequence[Outcome]) -> None:
        records = [record for outcome in outcomes for record in outcome.records]
        if records:
            await self._runtime.log.append(records, PUBLISH_SECONDS)
        self._published.extend(row for outcome in outcomes for row in outcome.rows)

    def _count(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            name = self._stage.name
            metrics.EVENTS.labels(name, "done").inc(outcome.done)
            metrics.EVENTS.labels(name, "repeated").inc(outcome.repeated)
            metrics.EVENTS.labels(name, "dead").inc(outcome.dead)
            for reason, number in outcome.reasons.items():
                metrics.DEAD.labels(name, reason).inc(number)
            if outcome.dead:
                self._log.error("dead letters", count=outcome.dead)
            in_row = self._dead_in_a_row + outcome.dead_in_a_row
            self._dead_in_a_row = outcome.dead_in_a_row if outcome.any_good else in_row
        if self._dead_in_a_row >= DEAD_IN_A_ROW:
            self._trouble = f"stopped: {self._dead_in_a_row} dead letters in a row"
            self._log.error("stage stopped until a restart", dead_in_a_row=self._dead_in_a_row)
            raise StageStopped

    async def hold(self, away: Retry | LogUnavailable) -> None:
        """Wait before the next try: longer each time, with jitter, never losing the group.

        A stage that holds is not stuck (rule 10).
        """
        self._holds += 1
        named = away.after if isinstance(away, Retry) else None
        most = min(LONGEST_HOLD, 0.1 * 2 ** min(self._holds, 8))
        wait = min(LONGEST_HOLD, named) if named else random.uniform(most / 2, most)  # noqa: S311 - jitter
        dependency = away.dependency if isinstance(away, Retry) else "the log"
        self._trouble = f"holding: {dependency} is away"
        self._watchdog.holding()
        metrics.HELD.labels(self._stage.name).inc()
        if self._holds in (1, 10, 100):
            self._log.warning("holding", dependency=dependency, tries=self._holds)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._runtime.stop.wait(), wait)

    async def _commit_often(self, reader: Reader) -> None:
        while True:
            await asyncio.sleep(COMMIT_EVERY)
            await self._commit(reader)

    async def _commit(self, reader: Reader) -> None:
        """Commit what is published, per partition, if it is still held (rule 7)."""
        commits, self._commits = self._commits, {}
        offsets = {held: offset for held, offset in commits.values() if reader.is_held(held)}
        if offsets:
            await reader.commit_all(offsets)
        self._positions.keep(reader.assigned())

    async def _note_passed(self) -> None:
        """Store how far has been passed over, of partitions still held."""
        if self._passed:
            passed, self._passed = self._passed, {}
            self._passed_at = time.monotonic()
            journal = self._slices.journal
            async with self._runtime.database.transaction(journal.locking(passed)) as tx:
                await journal.move(tx, passed)

    async def _note_published(self) -> None:
        """When idle, note the acknowledged rows in a transaction of their own."""
        if self._published:
            noted, self._published = self._published, []
            async with self._runtime.database.transaction() as tx:
                await self._slices.journal.published(tx, noted)
