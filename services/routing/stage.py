"""The shell of routing: lock what a slice concerns, call the rules, save, answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from libs.common import topics
from libs.common.configuration import Active, Configurations
from libs.common.database import Transaction
from libs.common.events import Event
from libs.common.stage import timers
from libs.common.stage.contract import Answer
from libs.common.stage.turns import in_turns
from services.routing.plan import Plan, compile_plan
from services.routing.slices.answer import answer
from services.routing.slices.erasing import is_erasure
from services.routing.slices.loading import load, save

TOPICS: Final = (topics.SCORED, topics.ACTIVITY)


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class RoutingStage:
    """Decides which lead a touch belongs to, whose it is, and who is told."""

    name = "routing"
    topics = TOPICS

    def __init__(
        self,
        configurations: Configurations,
        planned: asyncio.Event,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """Decide by the clock `now`, or else by the database's, which all members share."""
        self._configurations = configurations
        self._planned = planned
        self._now = now
        self._compiled: tuple[Active, Plan] | None = None

    async def handle(self, tx: Transaction, batch: Sequence[Event]) -> Sequence[Answer]:
        """Open and join leads, apply actions and timers; a constant number of statements."""
        plan = self._plan(await self._configurations.in_force(tx))
        now = self._now() if self._now else await timers.clock(tx)
        docket = await load(tx, batch, plan, now)
        answers: list[list[Event]] = [[] for _ in batch]
        in_order = sorted(enumerate(batch), key=lambda one: not is_erasure(one[1]))
        async for at, event in in_turns(in_order):
            answers[at] = answer(docket, at, event)
        for place, further in await save(tx, docket, len(batch) - 1):
            answers[place].append(further)
        return [Answer(tuple(events)) for events in answers]

    def committed(self) -> None:
        """Wake the notifier."""
        self._planned.set()

    def _plan(self, active: Active) -> Plan:
        known = self._compiled
        if known and known[0].version == active.version and known[0].content is active.content:
            return known[1]
        plan = compile_plan(active)
        self._compiled = (active, plan)
        return plan
