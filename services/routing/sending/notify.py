"""Sends what is planned: claim, commit, send, settle; never a request inside a transaction.

Every channel has its own limit, and every address a smaller one, so that a receiver that
hangs delays nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import Final

import structlog

from libs.common import metrics
from libs.common.configuration import Active
from libs.common.errors import Retry
from libs.common.failpoints import fail_point
from libs.common.runtime import Runtime
from libs.common.waiting import any_of
from services.routing.channels.contract import Channel, Result, Unknown
from services.routing.sending.addresses import FEW, Addresses
from services.routing.sending.attempts import MARGIN_SECONDS, Attempts
from services.routing.sending.clock import Clock
from services.routing.sending.probing import Probing
from services.routing.sending.settling import Settling
from services.routing.store import sending
from services.routing.store.sending import Claimed, Wanted

POLL_SECONDS: Final = 1.0
CLOSE_SECONDS: Final = 5.0
"""For what is under way when the process is to stop."""
TOGETHER_SECONDS: Final = 0.004
"""While messages are under way, places that become free are filled together."""
ANNOUNCED_AFTER: Final = 0.5
"""Seconds; most messages are settled by then, and nobody needs to hear that they were begun."""
OVERDUE_AT_ONCE: Final = 100


class Notifier:
    """The sender of one process; several share the work by claims."""

    def __init__(
        self,
        runtime: Runtime,
        channels: Sequence[Channel],
        settling: Settling,
        planned: asyncio.Event,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._runtime = runtime
        self._channels = channels
        self._settling = settling
        self._planned = planned
        self._attempts = Attempts(runtime, settling, clock)
        self._log = structlog.get_logger("notifier")
        self._sweep_at = 0.0
        self._is_more = False
        """Whether more was due at the last look than there was room for."""
        self._is_freed = False
        """Whether a place became free since that look began: it may not have seen it."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: Counter[str] = Counter()
        self._addresses = Addresses()
        self._probing = Probing(runtime.database)
        self._claimed_at: dict[str, float] = {}
        self._waking: asyncio.TimerHandle | None = None
        self._unsettled: dict[str, Claimed] = {}
        """By the id of each message: what is settled is held by nobody any more."""

    @property
    def under_way(self) -> frozenset[asyncio.Task[None]]:
        """What is being sent now."""
        return frozenset(self._tasks)

    async def run(self) -> None:
        """Send until the process is to stop; what is under way then is finished, in bounds."""
        try:
            while not self._runtime.stop.is_set():
                if not await self._turn():
                    await self._wait()
        finally:
            await self.close()

    async def close(self) -> None:
        """Let what is under way end, then let go of the channels."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_SECONDS)
        for task in self._tasks:
            task.cancel()
        for channel in self._channels:
            await channel.close()

    async def _turn(self) -> bool:
        try:
            return await self._round()
        except Retry as away:
            self._log.warning("notifier waits", dependency=away.dependency)
            return False

    async def _round(self) -> bool:
        """Claim what there is room for; whether there may be more to claim at once."""
        names = [channel.name for channel in self._channels]
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = time.monotonic() + POLL_SECONDS
            await self._lapse_overdue()
            await self._probing.look()
            await self._claim(None, names)
        is_full = any(self._room(channel) <= 0 for channel in self._channels)
        looked = [channel for channel in self._channels if self._may_look(channel)]
        if not looked:
            self._is_more = self._is_more or is_full
            return False
        self._is_freed = False
        async with self._runtime.database.transaction() as tx:
            due = await sending.due(tx, [channel.name for channel in looked])
        claimed = {
            channel.name: await self._claim(channel, [channel.name])
            for channel in looked
            if channel.name in due
        }
        is_more = any(due[name] > count for name, count in claimed.items())
        self._is_more = is_full or is_more
        # who was freed meanwhile woke nobody: that more is waiting is known only now
        return (self._is_more and self._is_freed) or (is_more and any(claimed.values()))

    async def _claim(self, channel: Channel | None, names: Sequence[str]) -> int:
        """Claim for one channel (None: for those that do not exist) and start sending."""
        name, room = channel.name if channel else "", self._room(channel)
        if room <= 0:
            return 0
        began = self._claimed_at[name] = time.monotonic()
        token = str(uuid.uuid4())
        async with self._runtime.database.transaction() as tx:
            active = await self._runtime.configurations.in_force(tx)
            wanted = Wanted(
                channels=names,
                is_any_other=channel is None,
                most=room,
                most_per_address=FEW,
                rooms=self._addresses.rooms(),
                lease=(channel.seconds if channel else 0.0) + MARGIN_SECONDS,
                config_version=active.version,
            )
            claimed = await sending.claim(tx, wanted, token)
        if not claimed:
            return 0
        fail_point("routing.claimed")
        self._clock.heard(claimed[-1].at)
        for one in claimed:
            self._under_way[name] += 1
            self._addresses.begin(one.notification.address)
            self._unsettled[one.notification.id] = one
            self._spawn(self._deliver(one, channel, active, began))
        self._spawn(self._announce(token, [one.notification.id for one in claimed]))
        return len(claimed)

    def _room(self, channel: Channel | None) -> int:
        name, at_once = (channel.name, channel.at_once) if channel else ("", FEW)
        return at_once - self._under_way[name]

    def _may_look(self, channel: Channel) -> bool:
        """Whether there is room, and not more of it in a moment; then that moment wakes us."""
        if self._room(channel) <= 0:
            return False
        left = self._claimed_at.get(channel.name, 0.0) + TOGETHER_SECONDS - time.monotonic()
        if not self._under_way[channel.name] or left <= 0:
            return True
        if self._waking is None:
            self._waking = asyncio.get_running_loop().call_later(left, self._look_again)
        return False

    def _look_again(self) -> None:
        self._waking = None
        self._planned.set()

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._log.error("a message was not settled", exc_info=error)

    async def _announce(self, token: str, ids: Sequence[str]) -> None:
        """Tell which of a claim are still being sent after a while."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._runtime.stop.wait(), ANNOUNCED_AFTER)
        asked = (self._unsettled.get(id_) for id_ in ids)
        if slow := [one for one in asked if one and one.claim == token]:
            with contextlib.suppress(Retry):
                await self._settling.announce(slow)

    async def _deliver(
        self, one: Claimed, channel: Channel | None, active: Active, began: float
    ) -> None:
        """One attempt from its claim to its settlement."""
        message = one.notification
        try:
            result = await self._attempt(one, channel, active, began)
            fail_point("routing.sent")
            self._probing.heard(one, result)
            metrics.NOTIFICATIONS.labels(message.channel, type(result).__name__.lower()).inc()
            await self._attempts.settle(one, result, channel, active, began)
        finally:
            if self._unsettled.get(message.id) is one:
                del self._unsettled[message.id]
        fail_point("routing.settled")

    async def _attempt(
        self, one: Claimed, channel: Channel | None, active: Active, began: float
    ) -> Result:
        """Send it, and let the next have its place: what came of it is written down beside that."""
        sent_at, answered = time.monotonic(), False
        try:
            result = await self._attempts.send(one, channel, active, began)
            answered = not isinstance(result, Unknown)
            return result
        finally:
            self._under_way[channel.name if channel else ""] -= 1
            took = time.monotonic() - sent_at
            self._addresses.end(one.notification.address, took, answered=answered)
            self._is_freed = True
            if self._is_more:  # somebody waits for the place
                self._planned.set()

    async def _lapse_overdue(self) -> None:
        """Settle claims whose senders are gone: unknown, or again where repeats are seen."""
        async with self._runtime.database.transaction() as tx:
            lost = await sending.overdue(tx, OVERDUE_AT_ONCE)
        lapse, takers = self._settling.lapse, {one.name for one in self._channels if one.takes_id}
        await asyncio.gather(
            *(lapse(it, takes_id=it.notification.channel in takers) for it in lost)
        )

    async def _wait(self) -> None:
        """Until something is planned, or a second has gone, or the process is to stop."""
        await any_of(self._planned, self._runtime.stop, seconds=POLL_SECONDS)
        self._planned.clear()
