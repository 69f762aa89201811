"""From the spool to the log: live records at once, what an outage left behind beside them."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal, NamedTuple

import msgspec
import structlog

from libs.common import metrics
from libs.common.failpoints import fail_point
from libs.common.log import Log, LogUnavailable, Record, RecordTooLarge
from libs.common.serving.promise import Promise
from services.capture.publishing.overtaking import Behind
from services.capture.spool import Spool
from services.capture.spool.commit import Item

Durability = Literal["replicated", "spooled"]

WAIT_SECONDS: Final = 0.15
"""The longest that an answer waits for the log."""
APPEND_SECONDS: Final = 5.0
BATCH: Final = 500
BATCH_BYTES: Final = 4 * 1024 * 1024
RING_RECORDS: Final = 2000
RING_BYTES: Final = 8 * 1024 * 1024
"""Of live records in memory; beyond that the oldest are read back from the disk."""
BACKLOG_BATCH: Final = 300
BACKLOG_PER_SECOND: Final = 3000
LONGEST_PAUSE: Final = 3.0
LANE_PAUSE: Final = 3.0
"""How long a spool is left alone after the disk failed under it."""

_log = structlog.get_logger("capture")


class Numbered(NamedTuple):
    """A record with its place in the spool, and who waits for it."""

    sequence: int
    record: Record
    size: int
    answer: Promise[Durability] | None


class Lane(NamedTuple):
    """A spool whose records are ours to publish."""

    spool_id: str
    spool: Spool


def packed(record: Record) -> bytes:
    """A record as it lies in the spool."""
    return msgspec.msgpack.encode((record.topic, record.key, record.value, record.headers))


_unpack: Final = msgspec.msgpack.Decoder(tuple[str, str, bytes, tuple[tuple[str, bytes], ...]])


class Publisher:
    """One append in flight at a time, so what is acknowledged is always a span."""

    def __init__(self, log: Log, own: Lane) -> None:
        self._to = log
        self._own = own
        self._offered_to = own.spool.high
        """Of our own: what is on the disk beyond it is about to be offered, and not left behind."""
        self._adopted: list[Lane] = []
        self._ring: deque[Numbered] = deque()
        self._ring_bytes = 0
        self._behind = Behind()
        self._wake = asyncio.Event()
        self._sent = asyncio.Event()
        self._since: float | None = None
        self._failures = 0
        self._said = ""
        self._backlog_at = 0.0
        self._left_alone: dict[str, float] = {}
        self._loop = asyncio.get_running_loop()

    @property
    def away(self) -> bool:
        """Whether the log is known not to answer in time, so that waiting for it is pointless."""
        return self._failures > 0 or (
            self._since is not None and self._loop.time() - self._since > WAIT_SECONDS
        )

    def adopt(self, lane: Lane) -> None:
        """Drain a spool whose worker is gone."""
        self._adopted.append(lane)
        self._wake.set()

    def release(self, lane: Lane) -> None:
        """Drained: forget it."""
        self._adopted.remove(lane)
        self._left_alone.pop(lane.spool_id, None)

    def offer(self, group: Sequence[Item], first: int) -> None:
        """Records that are on the disk now; each owner is (record, future of its durability)."""
        pointless = self.away
        waiting = []
        for sequence, item in enumerate(group, first):
            record, answer = item.owner
            if pointless:
                answer.settle("spooled")
            else:
                waiting.append(answer)
            self._ring.append(Numbered(sequence, record, len(item.payload), answer))
            self._ring_bytes += len(item.payload)
            self._offered_to = sequence
        while len(self._ring) > RING_RECORDS or self._ring_bytes > RING_BYTES:
            self._behind.leave(self._ring[0].record, self._ring[0].sequence)
            self._pop()
        if waiting:
            self._loop.call_later(WAIT_SECONDS, _spooled, waiting)
        self._wake.set()

    async def run(self) -> None:
        """Publish until cancelled, whatever fails: nobody would start it again."""
        while True:
            self._wake.clear()
            try:
                busy = await self._live()
                busy = await self._backlog() or busy
            except LogUnavailable:
                await self._pause("log.away")
                continue
            except Exception as error:  # a database without its tables, say: time may mend it
                # The type alone: a database's own words can hold what was to be stored.
                await self._pause("publisher.failed", type(error).__name__)
                continue
            if not busy:
                await self._rest()

    async def drained(self) -> None:
        """Wait until the log has everything of this worker's own."""
        while self._own.spool.unacknowledged():
            self._sent.clear()
            await self._sent.wait()

    async def _live(self) -> bool:
        batch: list[Numbered] = []
        size = seen = 0
        reached = self._own.spool.acknowledged_to()
        for numbered in self._ring:
            size += numbered.size
            if len(batch) == BATCH or (batch and size > BATCH_BYTES):
                break
            seen = numbered.sequence
            if self._behind.has(numbered.record, reached):
                self._behind.leave(numbered.record, seen)
            else:
                batch.append(numbered)
        if batch:
            await self._send(self._own, batch, "live")
        while self._ring and self._ring[0].sequence <= seen:
            self._pop()
        return bool(seen)

    async def _backlog(self) -> bool:
        """A run of what is only on the disk, if its turn has come."""
        if self._loop.time() < self._backlog_at:
            return False
        for lane in (self._own, *self._adopted):
            if self._loop.time() < self._left_alone.get(lane.spool_id, 0.0):
                continue
            span = lane.spool.waiting(self._not_left(lane))
            if span is None:
                continue
            try:
                run = await asyncio.to_thread(
                    lane.spool.read, span[0], span[1], BACKLOG_BATCH, BATCH_BYTES
                )
            except OSError as error:
                self._leave_alone(lane, error)
                continue
            for sequence in run.lost:
                self._lose(lane, sequence)
            if not run.found:
                return bool(run.lost)
            batch = [self._read_back(sequence, payload) for sequence, payload in run.found]
            await self._send(lane, batch, "backlog")
            self._backlog_at = self._loop.time() + len(batch) / BACKLOG_PER_SECOND
            return True
        self._backlog_at = self._loop.time() + 0.2
        return False

    def _not_left(self, lane: Lane) -> int:
        """The first sequence that nobody has to read back: the live ones begin there."""
        if lane is not self._own:
            return lane.spool.high + 1
        return self._ring[0].sequence if self._ring else self._offered_to + 1

    async def _send(self, lane: Lane, batch: Sequence[Numbered], name: str) -> None:
        stamped = [_stamped(lane.spool_id, numbered) for numbered in batch]
        self._since = self._loop.time()
        try:
            await self._to.append(stamped, APPEND_SECONDS)
        except RecordTooLarge:
            await self._apart(lane, batch, name)
            return
        finally:
            self._since = None
        self._failures = 0
        fail_point("capture.published")
        low = batch[0].sequence
        for before, numbered in pairwise(batch):
            if numbered.sequence != before.sequence + 1:
                lane.spool.acknowledge(low, before.sequence)
                low = numbered.sequence
        lane.spool.acknowledge(low, batch[-1].sequence)
        self._sent.set()
        metrics.PUBLISHED.labels(name).inc(len(batch))
        for numbered in batch:
            if numbered.answer is not None:
                numbered.answer.settle("replicated")

    async def _apart(self, lane: Lane, batch: Sequence[Numbered], name: str) -> None:
        """Find the record that the log will never take, set it aside, publish the others."""
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._send(lane, batch[:middle], name)
            await self._send(lane, batch[middle:], name)
            return
        refused = batch[0]
        try:
            await asyncio.to_thread(lane.spool.set_aside, refused.sequence, packed(refused.record))
        except OSError as error:
            self._leave_alone(lane, error)  # not acknowledged, so it is read back and tried again
            return
        self._lose(lane, refused.sequence)

    def _lose(self, lane: Lane, sequence: int) -> None:
        """Go on without a record; the books name it by its missing number."""
        lane.spool.acknowledge(sequence, sequence)
        metrics.SPOOL_LOST.inc()
        _log.error("spool.record_lost", spool=lane.spool_id, sequence=sequence)

    def _leave_alone(self, lane: Lane, error: OSError) -> None:
        """The disk failed under one spool: its backlog waits, all else goes on."""
        self._left_alone[lane.spool_id] = self._loop.time() + LANE_PAUSE
        _log.error("spool.disk_failed", spool=lane.spool_id, error=type(error).__name__)

    def _read_back(self, sequence: int, payload: bytes) -> Numbered:
        topic, key, value, headers = _unpack.decode(payload)
        return Numbered(sequence, Record(topic, key, value, headers), len(payload), None)

    def _pop(self) -> None:
        self._ring_bytes -= self._ring.popleft().size

    async def _pause(self, event: str, error: str | None = None) -> None:
        """Back off after a failure, and let nobody wait for what will not come soon."""
        for numbered in self._ring:
            if numbered.answer is not None:
                numbered.answer.settle("spooled")
        self._failures += 1
        if self._failures == 1 or self._said != event:
            self._said = event
            _log.warning(event, **({"error": error} if error else {}))
        longest = min(LONGEST_PAUSE, 0.1 * 2 ** min(self._failures, 6))
        await asyncio.sleep(_jitter(longest))

    async def _rest(self) -> None:
        pause = max(0.0, self._backlog_at - self._loop.time()) + 0.001
        try:
            async with asyncio.timeout(pause):
                await self._wake.wait()
        except TimeoutError:
            return


def _stamped(spool_id: str, numbered: Numbered) -> Record:
    record = numbered.record
    place = (("ce_spool", spool_id.encode()), ("ce_sequence", b"%d" % numbered.sequence))
    return Record(record.topic, record.key, record.value, record.headers + place)


def _jitter(seconds: float) -> float:
    return random.uniform(seconds / 2, seconds)  # noqa: S311  # spreads retries, guards nothing


def _spooled(answers: Sequence[Promise[Durability]]) -> None:
    for answer in answers:
        answer.settle("spooled")
