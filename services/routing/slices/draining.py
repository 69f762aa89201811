"""The net under the queue: now and then, the seats that are free are offered to those who wait.

It sees what no event tells: opening hours, midnight, the end of a leave or a pause, another
configuration; and it makes up for an offer that went astray.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import structlog

from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.events import Event
from libs.common.failpoints import fail_point
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from services.routing.choosing.offers import offers
from services.routing.choosing.roster import Roster
from services.routing.plan import compile_plan
from services.routing.slices.muster import locked, look, make_offers
from services.routing.store import queue

EVERY: Final = 2.0
"""Seconds between two looks; the next one of the fastest process."""


class Draining:
    """Looks after the queue beside the stage. Any number of them may do so at once."""

    def __init__(self, runtime: Runtime, now: Callable[[], datetime]) -> None:
        self._runtime = runtime
        self._inputs = Inputs("routing", runtime)
        self._now = now
        self._log = structlog.get_logger().bind(stage="routing")

    async def run(self) -> None:
        """Look until the process is to stop; what fails is tried again at the next look."""
        stop = self._runtime.stop
        while not stop.is_set():
            try:
                await self.look()
            except Retry:
                self._log.debug("the queue is not looked after: the database is away")
            except Exception:
                self._log.exception("the look after the queue failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY)

    async def look(self) -> int:
        """Offer what is free; how many offers were made.

        A first look takes no lock: mostly nobody waits, or nothing is free for who does.
        """
        async with self._runtime.database.transaction() as tx:
            if await queue.is_empty(tx) or not offers(await self._ahead(tx, locks=False)):
                return 0
        made: list[Event] = []

        async def work(tx: Transaction) -> Sequence[Event]:
            made.extend(await make_offers(tx, await self._ahead(tx, locks=True)))
            fail_point("routing.offering")
            return made

        await self._inputs.take(str(uuid.uuid4()), work)
        fail_point("routing.offered")
        return len(made)

    async def _ahead(self, tx: Transaction, *, locks: bool) -> Roster:
        """The teams and the heads of the queue, with those decided by another configuration."""
        plan = compile_plan(await self._runtime.configurations.in_force(tx))
        now = self._now()
        found = await locked(tx, plan, now) if locks else await look(tx, plan, now, {})
        roster = found[0]
        for place in await queue.decided_otherwise(tx, plan.version):
            roster = roster.queued(place)
        return roster
