"""Sends messages that hang on no lead: claim, commit, send, settle (delivery rule 20).

What is particular to a kind, such as whom it concerns and what follows, is the kind's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any, Final, Protocol, TypeVar

import structlog

from libs.common import metrics
from libs.common.configuration import Active
from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.failpoints import fail_point
from libs.common.links import desk_address
from libs.common.runtime import Runtime
from services.routing.channels.contract import TOO_LATE, Channel, Gone, Refused, Result, Unknown
from services.routing.messages.message import Message, Surroundings
from services.routing.sending.attempts import MARGIN_SECONDS, SETTLE_SECONDS
from services.routing.sending.settle import settle
from services.routing.store import apart, sending
from services.routing.store.apart import Claimed, Claims

LOOK_SECONDS: Final = 1.0
AT_ONCE: Final = 16
NOTE_SECONDS: Final = 3.0
SUPERSEDED: Final = Refused("superseded", for_good=True)

M = TypeVar("M", bound=apart.Apart)


class Kind(Protocol[M]):
    """One kind of such messages."""

    name: str
    """In the names of its fail points."""
    every: float
    """Seconds between two looks."""
    claims: Claims[M]

    async def before(self) -> None:
        """Plan what is due. Raises Retry."""
        ...

    def compose(self, claimed: Claimed[M], around: Surroundings) -> Message | None:
        """The message in its reader's language; None where it is no news any more."""
        ...

    async def follow(self, tx: Transaction, one: M, active: Active) -> None:
        """What follows once it is settled, in the same transaction."""
        ...

    async def after(self) -> None:
        """Tell others what came of those that were sent. Raises Retry."""
        ...


class ApartSender:
    """The sender of one process; several share the work by claims."""

    def __init__(
        self, runtime: Runtime, channels: Sequence[Channel], kinds: Sequence[Kind[Any]]
    ) -> None:
        self._runtime = runtime
        self._kinds = kinds
        self._channels = {channel.name: channel for channel in channels}
        self._leases = {channel.name: channel.seconds + MARGIN_SECONDS for channel in channels}
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("apart")

    @property
    def under_way(self) -> frozenset[asyncio.Task[None]]:
        """What is being sent now."""
        return frozenset(self._tasks)

    async def run(self) -> None:
        """Tell until the process is to stop; what is under way then is finished, in bounds."""
        stop, due = self._runtime.stop, dict.fromkeys((kind.name for kind in self._kinds), 0.0)
        try:
            while not stop.is_set():
                for kind in self._kinds:
                    if (now := time.monotonic()) >= due[kind.name]:
                        due[kind.name] = now + kind.every
                        await self._look_at(kind)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
        finally:
            await self.close()

    async def _look_at(self, kind: Kind[Any]) -> None:
        try:
            await self._turn(kind)
        except Retry as away:
            self._log.debug("messages wait", kind=kind.name, dependency=away.dependency)
        except Exception:  # the other kinds, and whoever tells of leads, go on
            self._log.exception("a look at what is to be told failed", kind=kind.name)

    async def turn(self) -> None:
        """Look at every kind. Raises Retry while Postgres is away."""
        for kind in self._kinds:
            await self._turn(kind)

    async def _turn(self, kind: Kind[Any]) -> None:
        """Plan what is due, send it, settle what somebody left, and note what came of it."""
        await kind.before()
        await self._lapse(kind)
        await self._claim(kind)
        await kind.after()

    async def _claim(self, kind: Kind[Any]) -> None:
        room = AT_ONCE - len(self._tasks)
        if room <= 0:
            return
        token, began = str(uuid.uuid4()), time.monotonic()
        async with self._runtime.database.transaction() as tx:
            active = await self._runtime.configurations.in_force(tx)
            found = await kind.claims.claim(tx, token, self._leases, active.version, room)
        if found:
            fail_point(f"routing.{kind.name}.claimed")
        for one in found:
            task = asyncio.create_task(self._deliver(kind, one, token, active, began))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._log.error("a message was not settled", exc_info=error)

    async def _deliver(
        self, kind: Kind[Any], claimed: Claimed[Any], token: str, active: Active, began: float
    ) -> None:
        one = claimed.one
        result = await self._send(kind, claimed, token, active, began)
        if result is not SUPERSEDED:
            fail_point(f"routing.{kind.name}.sent")
            metrics.NOTIFICATIONS.labels(one.channel, type(result).__name__.lower()).inc()
        while time.monotonic() < began + SETTLE_SECONDS:
            try:
                await self._settle(kind, one, token, result, active)
            except Retry:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                return

    async def _send(
        self, kind: Kind[Any], claimed: Claimed[Any], token: str, active: Active, began: float
    ) -> Result:
        one, settings = claimed.one, self._runtime.settings
        around = Surroundings(desk_address(settings), self._runtime.token, active.content)
        channel = self._channels.get(one.channel)
        begin = partial(self._begin, kind, one.id, token, began)
        try:
            written = kind.compose(claimed, around)
            if written is None:
                return SUPERSEDED
            if channel is None or claimed.is_stopped:
                return Refused("stopped" if channel else "no_such_channel", for_good=True)
            if channel.takes_id and not await begin():
                return TOO_LATE
            async with asyncio.timeout(channel.seconds):
                how = active.content.channels.get(channel.name)
                return await channel.send(written, one.address, how, begin)
        except TimeoutError:
            return Unknown("timeout")
        except Exception:  # a channel's bug must not leave a claim to lapse
            self._log.exception("a channel failed", channel=one.channel)
            return Unknown("bug")

    async def _begin(self, kind: Kind[Any], message_id: str, token: str, began: float) -> bool:
        """Whether it may be written now (delivery rule 20)."""
        if time.monotonic() > began + MARGIN_SECONDS:
            return False
        try:
            async with asyncio.timeout(NOTE_SECONDS), self._runtime.database.transaction() as tx:
                return await kind.claims.begin(tx, message_id, token)
        except (Retry, TimeoutError):
            return False

    async def _settle(
        self, kind: Kind[Any], one: apart.Apart, token: str, result: Result, active: Active
    ) -> None:
        found = settle(result, one.id, one.attempts, takes_id=self._takes_id(one.channel))
        async with self._runtime.database.transaction() as tx:
            if not await kind.claims.settle(tx, one.id, token, found):
                return
            if isinstance(result, Gone):
                await sending.stop_route(tx, one.channel, one.address, active.version)
            if result is not SUPERSEDED:
                await kind.follow(tx, one, active)
        fail_point(f"routing.{kind.name}.settled")

    async def _lapse(self, kind: Kind[Any]) -> None:
        """Settle claims whose senders are gone: unknown, or again where repeats are seen."""
        async with self._runtime.database.transaction() as tx:
            lost = await kind.claims.overdue(tx, AT_ONCE)
            if not lost:
                return
            active = await self._runtime.configurations.in_force(tx)
        for lapsed in lost:
            uncertain = lapsed.begun or self._takes_id(lapsed.one.channel)
            result = Unknown("lost") if uncertain else Refused("lost")
            await self._settle(kind, lapsed.one, lapsed.claim, result, active)

    def _takes_id(self, channel: str) -> bool:
        found = self._channels.get(channel)
        return bool(found and found.takes_id)

    async def close(self) -> None:
        """Let what is under way end, then let go of the channels."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=MARGIN_SECONDS)
        for task in self._tasks:
            task.cancel()
        for channel in self._channels.values():
            await channel.close()
