"""A log in memory with faults on demand: for tests of what stands on the port, not of a log."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from libs.common.log import (
    Batch,
    Held,
    LogUnavailable,
    Partition,
    Reader,
    Record,
    Stored,
    partition_of,
)


class MemoryLog:
    """Lanes as lists. `away` makes every call fail; `lose_answer` appends and then says no."""

    def __init__(self, partitions: int = 4) -> None:
        self.partitions = partitions
        self.lanes: dict[Partition, list[Stored]] = defaultdict(list)
        self.committed: dict[tuple[str, Partition], int] = {}
        self.away = False
        self.lose_answer = False
        self.appends = 0
        self.epoch = 0
        self._news = asyncio.Event()

    async def create_topics(self, names: Sequence[str]) -> None:
        """Topics are there when first used."""

    async def append(self, records: Sequence[Record], deadline: float) -> None:  # noqa: ARG002 - never slow
        if self.away:
            raise LogUnavailable("away")
        self.appends += 1
        for record in records:
            lane = Partition(record.topic, partition_of(record.follows, self.partitions))
            stored = Stored(
                lane,
                len(self.lanes[lane]),
                record.key,
                record.value,
                record.headers,
                datetime.now(UTC),
            )
            self.lanes[lane].append(stored)
        self._news.set()
        if self.lose_answer:
            raise LogUnavailable("no answer")

    async def reader(self, group: str, topics: Sequence[str]) -> MemoryReader:
        if self.away:
            raise LogUnavailable("away")
        self.epoch += 1
        return MemoryReader(self, group, topics, self.epoch)

    async def lags(self, group: str, topics: Sequence[str]) -> Mapping[Partition, int]:
        return {
            lane: len(records) - self.committed.get((group, lane), 0)
            for lane, records in self.lanes.items()
            if lane.topic in topics
        }

    async def spans(self, topics: Sequence[str]) -> Mapping[Partition, range]:
        return {
            lane: range(len(records))
            for lane, records in self.lanes.items()
            if lane.topic in topics
        }

    async def close(self) -> None:
        """Nothing to let go of."""

    def records(self, topic: str) -> list[Stored]:
        """Everything in a topic."""
        return [r for lane, rs in sorted(self.lanes.items()) if lane.topic == topic for r in rs]

    async def news(self, wait: float) -> None:
        """Until something is appended, or the time is over."""
        self._news.clear()
        try:
            await asyncio.wait_for(self._news.wait(), wait)
        except TimeoutError:
            return


class MemoryReader(Reader):
    """The only member of its group, holding everything."""

    def __init__(self, log: MemoryLog, group: str, topics: Sequence[str], epoch: int) -> None:
        self._log = log
        self._group = group
        self._topics = tuple(topics)
        self._epoch = epoch
        self._next: dict[Partition, int] = {}
        self.revoked: set[Partition] = set()

    def skipped(self) -> Mapping[Partition, int]:
        return {}

    def _lanes(self) -> list[Partition]:
        return sorted(lane for lane in self._log.lanes if lane.topic in self._topics)

    async def fetch(self, most: int, wait: float) -> Sequence[Batch]:
        if self._log.away:
            raise LogUnavailable("away")
        batches = self._ready(most)
        if not batches:
            await self._log.news(wait)
            batches = self._ready(most)
        return batches

    def _ready(self, most: int) -> list[Batch]:
        batches = []
        for lane in self._lanes():
            start = self._next.setdefault(lane, self._log.committed.get((self._group, lane), 0))
            records = self._log.lanes[lane][start : start + most]
            if records:
                self._next[lane] = start + len(records)
                batches.append(Batch(Held(lane, self._epoch), records))
        return batches

    def has_more(self) -> bool:
        return any(len(self._log.lanes[lane]) > self._next.get(lane, 0) for lane in self._lanes())

    def is_held(self, held: Held) -> bool:
        return held.epoch == self._epoch and held.partition not in self.revoked

    def assigned(self) -> Sequence[Held]:
        return [Held(lane, self._epoch) for lane in self._lanes()]

    async def seek(self, held: Held, offset: int) -> None:
        self._next[held.partition] = offset

    async def commit(self, held: Held, offset: int) -> bool:
        if not self.is_held(held):
            return False
        self._log.committed[self._group, held.partition] = offset
        return True

    async def commit_all(self, offsets: Mapping[Held, int]) -> None:
        for held, offset in offsets.items():
            await self.commit(held, offset)

    async def lag(self) -> Mapping[Partition, int]:
        return {
            lane: len(self._log.lanes[lane]) - self._next.get(lane, 0) for lane in self._lanes()
        }

    async def close(self) -> None:
        """Nothing to leave."""
