"""Summaries of a list's leads: gathered, and what came of each noted with all leads it covers.

See docs/decisions/0018-lists-are-told-in-summaries.md; they are sent by `apart.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from libs.common.configuration import Active
from libs.common.database import Transaction
from libs.common.events import Event
from libs.common.failpoints import fail_point
from libs.common.runtime import Runtime
from libs.common.stage import timers
from libs.common.stage.inputs import Inputs
from services.routing.leads.listing import EVERY
from services.routing.messages.message import Message, Surroundings
from services.routing.plan import compile_plan
from services.routing.sending.attempts import SETTLE_SECONDS
from services.routing.sending.noting import note_some
from services.routing.sending.settle import outcome
from services.routing.sending.summary import compose, others
from services.routing.store import covered, listed, summaries
from services.routing.store.apart import Claimed
from services.routing.store.summaries import SummaryMessage


class Summaries:
    """What is particular to messages about the leads of a list."""

    name = "summary"
    every = 1.0
    claims = summaries.CLAIMS

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._inputs = Inputs("routing", runtime)

    async def before(self) -> None:
        """Gather what is due."""
        async with self._runtime.database.transaction() as tx:
            groups = await listed.due(tx, EVERY)
            if not groups:
                return
            plan = compile_plan(await self._runtime.configurations.in_force(tx))
            for group in groups:
                await listed.gather(tx, group, plan.routes_of(group.recipient))
        fail_point("routing.gathered")

    def compose(self, claimed: Claimed[SummaryMessage], around: Surroundings) -> Message | None:
        """None where its reader has none of those leads any more."""
        return compose(claimed.one, around) if claimed.one.leads else None

    async def follow(self, tx: Transaction, one: SummaryMessage, active: Active) -> None:
        """Where the owner is not reached for sure, others are told; where they are, no more."""
        if one.kind != "assigned":
            return
        end = outcome(await summaries.to_owner(tx, one.summary_id), "assigned")
        if end == "notified":
            await summaries.call_off(tx, one.summary_id)
        elif end == "undelivered":
            tried = await summaries.routes_tried(tx, one.summary_id)
            told, routes = others(one, compile_plan(active), tried)
            await listed.plan(tx, one.summary_id, told, "reminder", routes)

    async def after(self) -> None:
        """Note what came of messages with the leads that they cover, some at a time."""
        more = True
        while more:
            more = await self._note()
        async with self._runtime.database.transaction() as tx:
            await covered.forget(tx, SETTLE_SECONDS)

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
