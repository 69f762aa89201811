"""Tells specialists of the leads of a list: one message for many, sent like any other.

Claim, commit, send, settle (delivery rule 20); what came of it is then noted with each lead it
covers, some at a time (docs/decisions/0018-lists-are-told-in-summaries.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Final

import structlog

from libs.common import metrics
from libs.common.configuration import Active
from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.events import Event
from libs.common.failpoints import fail_point
from libs.common.links import desk_address
from libs.common.runtime import Runtime
from libs.common.stage import timers
from libs.common.stage.inputs import Inputs
from services.routing.channels.contract import Channel, Gone, Refused, Result, Unknown
from services.routing.listing import EVERY
from services.routing.message import Surroundings
from services.routing.noting import note_some
from services.routing.plan import compile_plan
from services.routing.settle import outcome, settle
from services.routing.store import covered, listed, sending, summaries
from services.routing.store.summaries import Claimed, SummaryMessage
from services.routing.summary import compose, others

LOOK_SECONDS: Final = 1.0
AT_ONCE: Final = 16
MARGIN_SECONDS: Final = 6.0
"""A claim that is older than its attempt may take, and this, is lost: its process has died."""
SETTLE_SECONDS: Final = 120.0
"""How long a result is held while Postgres is away."""
NOTE_SECONDS: Final = 3.0


class Summaries:
    """The sender of one process; several share the work by claims."""

    def __init__(self, runtime: Runtime, channels: Sequence[Channel]) -> None:
        self._runtime = runtime
        self._channels = {channel.name: channel for channel in channels}
        self._inputs = Inputs("routing", runtime)
        self._leases = {channel.name: channel.seconds + MARGIN_SECONDS for channel in channels}
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("summaries")

    @property
    def under_way(self) -> frozenset[asyncio.Task[None]]:
        """What is being sent now."""
        return frozenset(self._tasks)

    async def run(self) -> None:
        """Tell until the process is to stop; what is under way then is finished, in bounds."""
        stop = self._runtime.stop
        try:
            while not stop.is_set():
                try:
                    await self.turn()
                except Retry as away:
                    self._log.debug("summaries wait", dependency=away.dependency)
                except Exception:
                    self._log.exception("a look at what lists have brought failed")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
        finally:
            await self.close()

    async def turn(self) -> None:
        """Gather what is due, send it, and note what came of what was sent."""
        await self._gather()
        await self._lapse()
        await self._claim()
        await self._note_all()
        async with self._runtime.database.transaction() as tx:
            await covered.forget(tx, SETTLE_SECONDS)

    async def _gather(self) -> None:
        async with self._runtime.database.transaction() as tx:
            groups = await listed.due(tx, EVERY)
            if not groups:
                return
            plan = compile_plan(await self._runtime.configurations.in_force(tx))
            for group in groups:
                await listed.gather(tx, group, plan.routes_of(group.recipient))
        fail_point("routing.gathered")

    async def _claim(self) -> None:
        room = AT_ONCE - len(self._tasks)
        if room <= 0:
            return
        token, began = str(uuid.uuid4()), time.monotonic()
        async with self._runtime.database.transaction() as tx:
            active = await self._runtime.configurations.in_force(tx)
            found = await summaries.claim(tx, token, self._leases, active.version, room)
            claimed = await self._still_news(tx, found)
        if claimed:
            fail_point("routing.summary.claimed")
        for one in claimed:
            task = asyncio.create_task(self._deliver(one, token, active, began))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    async def _still_news(self, tx: Transaction, found: Sequence[Claimed]) -> list[Claimed]:
        """Those that are about something by now, with how many leads; the others are dropped."""
        if not found:
            return []
        leads = await covered.count(tx, {one.message.summary_id for one in found})
        over = [one.message.id for one in found if one.message.summary_id not in leads]
        if over:
            await covered.supersede(tx, over)
        return [
            one._replace(message=one.message._replace(leads=leads[one.message.summary_id]))
            for one in found
            if one.message.summary_id in leads
        ]

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._log.error("a summary was not settled", exc_info=error)

    async def _deliver(self, one: Claimed, token: str, active: Active, began: float) -> None:
        message = one.message
        result = await self._send(one, token, active, began)
        fail_point("routing.summary.sent")
        metrics.NOTIFICATIONS.labels(message.channel, type(result).__name__.lower()).inc()
        while time.monotonic() < began + SETTLE_SECONDS:
            try:
                await self._settle(message, token, result, active)
            except Retry:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                return

    async def _send(self, one: Claimed, token: str, active: Active, began: float) -> Result:
        message = one.message
        channel = self._channels.get(message.channel)
        if channel is None or one.is_stopped:
            return Refused("stopped" if channel else "no_such_channel", for_good=True)
        around = Surroundings(
            desk_address(self._runtime.settings), self._runtime.token, active.content
        )
        settings = active.content.channels.get(channel.name)
        begin = partial(self._begin, message.id, token, began)
        if channel.takes_id and not await begin():
            return Refused("too_late")
        try:
            async with asyncio.timeout(channel.seconds):
                written = compose(message, around)
                return await channel.send(written, message.address, settings, begin)
        except TimeoutError:
            return Unknown("timeout")
        except Exception:  # a channel's bug must not leave a claim to lapse
            self._log.exception("a channel failed", channel=channel.name)
            return Unknown("bug")

    async def _begin(self, message_id: str, token: str, began: float) -> bool:
        """Whether it may be written now (delivery rule 20)."""
        if time.monotonic() > began + MARGIN_SECONDS:
            return False
        try:
            async with asyncio.timeout(NOTE_SECONDS), self._runtime.database.transaction() as tx:
                return await summaries.begin(tx, message_id, token)
        except (Retry, TimeoutError):
            return False

    async def _settle(
        self, message: SummaryMessage, token: str, result: Result, active: Active
    ) -> None:
        takes_id = self._takes_id(message.channel)
        found = settle(result, message.id, message.attempts, takes_id=takes_id)
        async with self._runtime.database.transaction() as tx:
            if not await summaries.settle(tx, message.id, token, found):
                return
            if isinstance(result, Gone):
                route = message.channel, message.address
                await sending.stop_route(tx, *route, active.version)
            await self._follow(tx, message, active)
        fail_point("routing.summary.settled")

    async def _follow(self, tx: Transaction, message: SummaryMessage, active: Active) -> None:
        """Where the owner is not reached for sure, others are told; where they are, no more."""
        if message.kind != "assigned":
            return
        end = outcome(await summaries.to_owner(tx, message.summary_id), "assigned")
        if end == "notified":
            await summaries.call_off(tx, message.summary_id)
        elif end == "undelivered":
            tried = await summaries.routes_tried(tx, message.summary_id)
            told, routes = others(message, compile_plan(active), tried)
            await listed.plan(tx, message.summary_id, told, "reminder", routes)

    async def _lapse(self) -> None:
        """Settle claims whose senders are gone: unknown, or again where repeats are seen."""
        async with self._runtime.database.transaction() as tx:
            lost = await summaries.overdue(tx, AT_ONCE)
            active = await self._runtime.configurations.in_force(tx)
        for one in lost:
            uncertain = one.begun or self._takes_id(one.message.channel)
            result = Unknown("lost") if uncertain else Refused("lost")
            await self._settle(one.message, one.claim, result, active)

    def _takes_id(self, channel: str) -> bool:
        found = self._channels.get(channel)
        return bool(found and found.takes_id)

    async def _note_all(self) -> None:
        """Note what came of messages with the leads that they cover, some at a time."""
        more = True
        while more:
            more = await self._note()

    async def _note(self) -> bool:
        """Note some; whether there may be more."""
        events: list[Event] = []
        found: list[bool] = []

        async def work(tx: Transaction) -> Sequence[Event]:
            is_more = await note_some(tx, events, await timers.clock(tx))
            found.append(is_more)
            return events

        async with self._runtime.database.transaction() as tx:
            if await summaries.to_be_noted(tx) is None:
                return False
        await self._inputs.take(str(uuid.uuid4()), work)
        fail_point("routing.summary.noted")
        return found[-1]

    async def close(self) -> None:
        """Let what is under way end, then let go of the channels."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=MARGIN_SECONDS)
        for task in self._tasks:
            task.cancel()
        for channel in self._channels.values():
            await channel.close()
