"""A member of a group: it renews its leases in the background and reads what it holds."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

import msgspec
import structlog

from libs.common.log.port import Batch, Held, LogUnavailable, Partition, Stored
from libs.common.log.postgres import store
from libs.common.log.postgres.connections import Connections
from libs.common.log.postgres.waking import Call, Waking

_log = structlog.get_logger()
_POLL: Final = 1.0
_CALL: Final = 5.0
_CLOSE: Final = 3.0
_MOST_BYTES: Final = 8 * 1024 * 1024

_LANE, _OFFSET, _KEY, _VALUE, _HEADERS, _APPENDED_AT = range(6)

_decode_headers: Final = msgspec.msgpack.Decoder(tuple[tuple[str, bytes], ...]).decode


class Lease(NamedTuple):
    """Seconds: a member that died is replaced after `lasts`, give or take a renewal."""

    lasts: float = 6.0
    renewed: float = 2.0


class _Lane:
    """A lane as it is held now."""

    def __init__(self, given: store.Given, partition: Partition) -> None:
        self.id = given.lane
        self.held = Held(partition, given.epoch)
        self.next = given.committed
        self.committed = given.committed


class PostgresReader:
    """One member of a group; made by `PostgresLog.reader`."""

    def __init__(
        self,
        connections: Connections,
        waking: Waking,
        prefix: str,
        call: Call,
        lease: Lease,
    ) -> None:
        self._connections = connections
        self._waking = waking
        self._prefix = prefix
        self._call = call
        self._lease = lease
        self._lanes: dict[Partition, _Lane] = {}
        self._until = 0.0
        self._look_at = 0.0
        self._skipped: dict[Partition, int] = {}
        self._has_more = False
        self._keeping: asyncio.Task[None] | None = None

    async def join(self) -> None:
        """Become a member. Raises LogUnavailable when the database is away."""
        await self._hold()
        self._waking.add(self._call)
        self._keeping = asyncio.create_task(self._keep())

    async def fetch(self, most: int, wait: float) -> Sequence[Batch]:
        """See the port. Only topics with news are looked into, and all of them once a second."""
        until = time.monotonic() + wait
        while True:
            if time.monotonic() >= self._look_at:
                self._look_at = time.monotonic() + _POLL
                self._call.wake()
            left = until - time.monotonic()
            found = await self._look(most, max(left, _POLL))
            left = min(until, self._look_at) - time.monotonic()
            if found or until <= time.monotonic():
                return found
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._call.records.wait(), max(left, 0))

    async def _look(self, most: int, seconds: float) -> list[Batch]:
        """What there is of the topics with news. Those that may have more stay such."""
        self._has_more = False
        fresh = self._call.take()
        if not fresh:
            return []
        try:
            found, is_all = await self._read(fresh, most, seconds)
        except LogUnavailable as error:
            _log.warning("fetching failed", group=self._call.group, error=str(error))
            self._look_at = time.monotonic() + _POLL
            return []
        if not is_all:
            self._has_more = True
            self._call.wake(fresh)
        return found

    def has_more(self) -> bool:
        """See the port."""
        return self._has_more

    def is_held(self, held: Held) -> bool:
        """See the port. A lease that could not be renewed in time is lost, whoever has it now."""
        lane = self._lanes.get(held.partition)
        return lane is not None and lane.held == held and time.monotonic() < self._until

    def assigned(self) -> Sequence[Held]:
        """See the port."""
        if time.monotonic() >= self._until:
            return []
        return [lane.held for lane in self._lanes.values()]

    async def seek(self, held: Held, offset: int) -> None:
        """See the port. Also when the lease has just lapsed.

        If it is given again unbroken, under the same epoch, reading goes on from here.
        """
        lane = self._lanes.get(held.partition)
        if lane is not None and lane.held == held:
            lane.next = offset
            self._call.wake()

    async def commit(self, held: Held, offset: int) -> bool:
        """See the port."""
        if not self.is_held(held):
            return False
        lane = self._lanes[held.partition]
        try:
            done = await self._connections.within(
                _CALL,
                store.commit(
                    self._connections.quick,
                    self._call.group,
                    self._call.member,
                    (lane.id, held.epoch),
                    offset,
                ),
            )
        except LogUnavailable:
            return False
        if done:
            lane.committed = max(lane.committed, offset)
        return done

    async def commit_all(self, offsets: Mapping[Held, int]) -> None:
        """See the port."""
        lanes = {
            (self._lanes[held.partition].id, held.epoch): (self._lanes[held.partition], offset)
            for held, offset in offsets.items()
            if self.is_held(held)
        }
        if not lanes:
            return
        nexts = {key: offset for key, (_lane, offset) in lanes.items()}
        call = self._call
        with contextlib.suppress(LogUnavailable):
            done = await self._connections.within(
                _CALL, store.commit_all(self._connections.quick, call.group, call.member, nexts)
            )
            for lane, offset in lanes.values():
                if lane.id in done:
                    lane.committed = max(lane.committed, offset)

    async def lag(self) -> Mapping[Partition, int]:
        """See the port."""
        lanes = list(self._lanes.values())
        ends = await self._connections.within(
            _CALL, store.ends(self._connections.quick, [lane.id for lane in lanes])
        )
        return {lane.held.partition: max(0, ends[lane.id] - lane.next) for lane in lanes}

    def skipped(self) -> Mapping[Partition, int]:
        """See the port."""
        return dict(self._skipped)

    async def close(self) -> None:
        """See the port."""
        self._waking.remove(self._call)
        self._lanes = {}
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping}, timeout=_CLOSE)
        with contextlib.suppress(LogUnavailable):
            await self._connections.within(
                _CLOSE,
                store.leave(self._connections.quick, self._call.group, self._call.member),
            )

    async def _keep(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._call.change.wait(), self._lease.renewed)
            self._call.change.clear()
            try:
                await self._hold()
            except LogUnavailable as error:
                _log.warning("lease not renewed", group=self._call.group, error=str(error))
            except Exception:
                _log.exception("lease not renewed", group=self._call.group)

    async def _hold(self) -> None:
        began = time.monotonic()
        given = await self._connections.within(
            self._lease.lasts,
            store.hold(
                self._connections.quick,
                self._call.group,
                self._call.member,
                sorted(self._call.topics),
                self._lease.lasts,
            ),
        )
        lanes = {}
        for each in given:
            lane = _Lane(each, Partition(each.topic.removeprefix(self._prefix), each.number))
            known = self._lanes.get(lane.held.partition)
            lanes[lane.held.partition] = (
                known if known is not None and known.held == lane.held else lane
            )
        self._call.lanes = {lane.id for lane in lanes.values()}
        if lanes.keys() - self._lanes.keys() or began >= self._until:
            self._call.wake()  # news that came while nothing was held was passed over
        self._lanes = lanes
        self._until = began + self._lease.lasts

    async def _read(self, fresh: set[str], most: int, seconds: float) -> tuple[list[Batch], bool]:
        """What there is, within both budgets, and whether that was all."""
        asked = {
            lane.id: lane
            for lane in self._lanes.values()
            if self._prefix + lane.held.partition.topic in fresh and self.is_held(lane.held)
        }
        if not asked:
            return [], True
        nexts = {id_: lane.next for id_, lane in asked.items()}
        found = await self._connections.within(
            seconds, store.fetch(self._connections.quick, nexts, most, _MOST_BYTES)
        )
        size = sum(len(row[_VALUE]) + len(row[_HEADERS]) for row in found)
        is_all = len(found) < most and size < _MOST_BYTES / 2
        batches = []
        for id_, rows in groupby(found, key=itemgetter(_LANE)):
            lane = asked[id_]
            if self.is_held(lane.held) and lane.next == nexts[id_]:
                batches.append(self._batch(lane, list(rows)))
            else:
                is_all = False
        return batches, is_all

    def _batch(self, lane: _Lane, rows: Sequence[store.Found]) -> Batch:
        gone = rows[0][_OFFSET] - max(lane.next, lane.committed)
        if gone > 0:
            partition = lane.held.partition
            self._skipped[partition] = self._skipped.get(partition, 0) + gone
            _log.error("records were dropped before they were read", records=gone)
        lane.next = rows[-1][_OFFSET] + 1
        partition = lane.held.partition
        if self._lanes.get(partition) is lane:
            # to the end of the line, so that a busy lane does not keep the others waiting
            del self._lanes[partition]
            self._lanes[partition] = lane
        return Batch(lane.held, [_stored(partition, row) for row in rows])


def _stored(partition: Partition, row: store.Found) -> Stored:
    return Stored(
        partition,
        row[_OFFSET],
        row[_KEY].decode(),
        row[_VALUE],
        _decode_headers(row[_HEADERS]),
        row[_APPENDED_AT],
    )
