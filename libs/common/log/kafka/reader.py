"""A member of a consumer group, with an epoch on what it holds and a bound on every wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import structlog

from libs.common.log.kafka import administration
from libs.common.log.kafka.client import (
    AIOKafkaConsumer,
    ConsumerRebalanceListener,
    ConsumerRecord,
    IllegalStateError,
    KafkaError,
    RangePartitionAssignor,
    TopicPartition,
)
from libs.common.log.kafka.closing import Closing
from libs.common.log.port import Batch, Held, LogUnavailable, Partition, Stored

_log = structlog.get_logger()
_CALL: Final = 10.0
"""Seconds that a commit or a question may take; then it counts as not done."""
_CLOSE: Final = 5.0
_LANE_BYTES: Final = 256 * 1024
"""Of one partition that the client reads ahead: some hundred records."""
_FETCH_BYTES: Final = 2 * 1024 * 1024
"""Of all partitions, in one answer; one larger record comes whole all the same (KIP-74)."""
_AWAY: Final = (KafkaError, OSError, TimeoutError)


class Timing(NamedTuple):
    """Of group membership, in seconds: a member that died is replaced after `session`."""

    session: float = 10.0
    heartbeat: float = 3.0
    rebalance: float = 10.0
    """How long a rebalance waits for members that are still at work."""


class KafkaReader(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """One member of a group; made by `KafkaLog.reader`."""

    def __init__(
        self, servers: dict[str, str], prefix: str, group: str, timing: Timing, closing: Closing
    ) -> None:
        self._consumer = _consumer(servers, group, timing)
        self._servers = servers
        self._prefix = prefix
        self._group = group
        self._closing = closing
        self._names: Sequence[str] = ()
        self._is_member = False
        self._epoch = 0
        self._given: frozenset[TopicPartition] = frozenset()
        self._committed: dict[TopicPartition, int] = {}
        self._next: dict[TopicPartition, int] = {}
        self._skipped: dict[Partition, int] = {}
        self._commits: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None

    async def join(self, names: Sequence[str]) -> None:
        """Connect and ask for a share of the topics. Raises LogUnavailable for an absent one."""
        await self._consumer.start()
        if not set(names) <= await self._consumer.topics():
            raise LogUnavailable("a topic has not been created yet")
        self._names = names
        self._consumer.subscribe(names, listener=self)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Called before the group is joined again: what was held is held no more.

        A commit still under way must end here: later it would be sent under the new generation.
        """
        del revoked
        self._is_member = False
        self._epoch += 1
        self._given = frozenset()
        self._committed, self._next = {}, {}
        for commit in self._commits:
            commit.cancel()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Called with all that is held from now on."""
        self._is_member = True
        self._epoch += 1
        self._given = frozenset(assigned)
        if self._looking is not None:
            self._looking.cancel()
        if self._given:
            self._looking = self._closing.let_go(self._look_for_skipped(self._given))

    async def fetch(self, most: int, wait: float) -> Sequence[Batch]:
        """See the port."""
        until = time.monotonic() + wait
        try:
            async with asyncio.timeout(wait + 0.5):
                found = await self._consumer.getmany(timeout_ms=int(1000 * wait), max_records=most)
        except _AWAY as error:
            if not isinstance(error, TimeoutError):
                _log.warning("fetching failed", group=self._group, error=type(error).__name__)
            await asyncio.sleep(until - time.monotonic())
            return ()
        given = {lane: records for lane, records in found.items() if lane in self._given}
        self._next |= {lane: records[-1].offset + 1 for lane, records in given.items()}
        return [
            Batch(self._held(lane), [self._stored(record) for record in records])
            for lane, records in given.items()
        ]

    def has_more(self) -> bool:
        """See the port. What a lane's newest answer said of its end."""
        ends = {lane: self._consumer.highwater(lane) for lane in self._next.keys() & self._given}
        return any(end is not None and end > self._next[lane] for lane, end in ends.items())

    def is_held(self, held: Held) -> bool:
        """See the port."""
        return held.epoch == self._epoch and self._lane(held.partition) in self._given

    def assigned(self) -> Sequence[Held]:
        """See the port."""
        return [self._held(lane) for lane in sorted(self._given)]

    async def seek(self, held: Held, offset: int) -> None:
        """See the port."""
        if self.is_held(held):
            self._consumer.seek(self._lane(held.partition), offset)

    async def commit(self, held: Held, offset: int) -> bool:
        """See the port. An offset before one that is committed already is left as it is."""
        lane = self._lane(held.partition)
        if not self.is_held(held):
            return False
        if offset <= self._committed.get(lane, -1):
            return True
        return await self._commit({lane: offset})

    async def _commit(self, offsets: dict[TopicPartition, int]) -> bool:
        epoch = self._epoch
        commit = asyncio.create_task(self._consumer.commit(offsets))
        self._commits.add(commit)
        try:
            await asyncio.wait({commit}, timeout=_CALL)
        finally:
            self._commits.discard(commit)
            commit.cancel()
        if not commit.done() or commit.cancelled() or _failed(commit):
            return False
        if epoch == self._epoch:
            for lane, offset in offsets.items():
                self._committed[lane] = max(offset, self._committed.get(lane, -1))
        return True

    async def commit_all(self, offsets: Mapping[Held, int]) -> None:
        """See the port. One request: a rebalance meanwhile would end each of them anyway."""
        lanes = {self._lane(h.partition): o for h, o in offsets.items() if self.is_held(h)}
        news = {lane: o for lane, o in lanes.items() if o > self._committed.get(lane, -1)}
        if news:
            await self._commit(news)

    async def lag(self) -> Mapping[Partition, int]:
        """See the port. Whom the group has given nothing, not even none, answers for all of it.

        aiokafka may wait for its share for ever without a word (issues 1154, 703, 625).
        """
        if not self._is_member:
            return await self._lag_of_the_group()
        given = sorted(self._given)
        try:
            async with asyncio.timeout(_CALL):
                ends = await self._consumer.end_offsets(given) if given else {}
                return {
                    self._held(lane).partition: end - await self._consumer.position(lane)
                    for lane, end in ends.items()
                    if lane in self._given
                }
        except _AWAY as error:
            raise LogUnavailable("Kafka cannot be reached") from error

    async def _lag_of_the_group(self) -> Mapping[Partition, int]:
        lags = await administration.lags(self._servers, self._group, self._names, self._closing)
        return {
            Partition(lane.topic.removeprefix(self._prefix), lane.number): lag
            for lane, lag in lags.items()
        }

    def skipped(self) -> Mapping[Partition, int]:
        """See the port."""
        return dict(self._skipped)

    async def close(self) -> None:
        """See the port. What hangs is left to end by itself, when the broker is back."""
        self._epoch += 1
        self._given = frozenset()
        if self._looking is not None:
            self._looking.cancel()
        leaving = self._closing.let_go(self._consumer.stop())
        await asyncio.wait({leaving}, timeout=_CLOSE)

    async def _look_for_skipped(self, given: frozenset[TopicPartition]) -> None:
        """Notice that a group goes on at the log's start because its offset is gone.

        The client does that without a word.
        """
        async with asyncio.timeout(_CALL):
            starts = await self._consumer.beginning_offsets(list(given))
            for lane, start in starts.items():
                committed = await self._consumer.committed(lane)
                if committed is not None and committed < start:
                    self._skipped[self._held(lane).partition] = start - committed
        if self._skipped:
            _log.error(
                "records were dropped before they were read",
                group=self._group,
                records=sum(self._skipped.values()),
            )

    def _lane(self, partition: Partition) -> TopicPartition:
        return TopicPartition(self._prefix + partition.topic, partition.number)

    def _held(self, lane: TopicPartition) -> Held:
        return Held(Partition(lane.topic.removeprefix(self._prefix), lane.partition), self._epoch)

    def _stored(self, record: ConsumerRecord[bytes, bytes]) -> Stored:
        return Stored(
            partition=Partition(record.topic.removeprefix(self._prefix), record.partition),
            offset=record.offset,
            key=(record.key or b"").decode(errors="replace"),
            value=record.value or b"",
            headers=tuple((name, bytes(value)) for name, value in record.headers),
            appended_at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        )


def _failed(commit: asyncio.Task[None]) -> bool:
    error = commit.exception()
    if error is not None and not isinstance(error, (*_AWAY, IllegalStateError)):
        raise error
    return error is not None


def _consumer(servers: dict[str, str], group: str, timing: Timing) -> AIOKafkaConsumer:
    session, heartbeat, rebalance = (int(1000 * seconds) for seconds in timing)
    return AIOKafkaConsumer(
        **servers,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        partition_assignment_strategy=[RangePartitionAssignor],
        session_timeout_ms=session,
        heartbeat_interval_ms=heartbeat,
        rebalance_timeout_ms=rebalance,
        # if it were shorter than a join may take, it would join for ever
        request_timeout_ms=max(session, rebalance) + 10_000,
        metadata_max_age_ms=60_000,
        fetch_max_bytes=_FETCH_BYTES,
        max_partition_fetch_bytes=_LANE_BYTES,
    )
