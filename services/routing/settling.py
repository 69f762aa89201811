"""Writes down what became of a message, and ends the submission that hangs on it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.configuration import Active, Configurations
from libs.common.configuration.schema import Route
from libs.common.events import Event, Text, derived_id
from libs.common.stage.inputs import Inputs
from services.routing import moments, words
from services.routing.case import Case, Notice
from services.routing.channels.contract import Refused, Result, Sent, Unknown
from services.routing.notification import Notification, planned
from services.routing.plan import Plan, compile_plan
from services.routing.settle import Settlement, of_ended, outcome, settle
from services.routing.store import notifications, postings, sending

LAST_RESORT: Final = Route(channel="console")


class Settling:
    """Settles claims, each in one transaction with the event that tells of it."""

    def __init__(
        self, inputs: Inputs, configurations: Configurations, now: Callable[[], datetime]
    ) -> None:
        self._inputs = inputs
        self._configurations = configurations
        self._now = now

    async def announce(self, claimed: Sequence[sending.Claimed]) -> None:
        """Publish that these are being sent; the sending itself does not wait for it."""
        events = [one.notification.event(self._now()) for one in claimed]

        async def work(_tx: AsyncConnection) -> Sequence[Event]:
            return events

        await self._inputs.take(str(uuid.uuid4()), work)

    async def settle(
        self, message: Notification, token: str, result: Result, shown: str = "", *, takes_id: bool
    ) -> None:
        """Write the result of a claim; a claim that is no longer ours changes nothing.

        `shown` is the lead's standing that the message told of, for where it can be changed.
        """
        settlement = settle(result, message.id, message.attempts, takes_id=takes_id)

        async def work(tx: AsyncConnection) -> Sequence[Event]:
            if not isinstance(result, Sent) or result.reference is None:
                return await self._write(tx, message, token, settlement)
            await postings.lock_lead(tx, message.lead_id)  # first of all: rule 12
            events = await self._write(tx, message, token, settlement)
            await postings.keep(tx, message.id, result.reference, shown)
            return events

        cause = ("settled", token, message.id, type(result).__name__)
        await self._inputs.take(derived_id(*cause), work)

    async def lapse(self, lapsed: sending.Lapsed, *, takes_id: bool) -> None:
        """The deadline of a claim has passed: whoever sent it is gone, and nobody knows.

        What was not begun was certainly not sent, where beginnings are noted.
        """
        message, token = lapsed.notification, lapsed.claim
        uncertain = lapsed.begun or takes_id
        result = Unknown("lost") if uncertain else Refused("lost")
        settlement = settle(result, message.id, message.attempts, takes_id=takes_id)

        async def work(tx: AsyncConnection) -> Sequence[Event]:
            return await self._write(tx, message, token, settlement)

        await self._inputs.take(derived_id("lapsed", token, message.id), work)

    async def arrived(
        self, tx: AsyncConnection, message: Notification, reference: str
    ) -> list[Event]:
        """Its reader has pressed a button of it: so it was sent, whatever we thought."""
        await postings.lock_lead(tx, message.lead_id)
        await postings.keep(tx, message.id, reference, "")
        token = await sending.claim_of(tx, message.id)
        return await self._write(tx, message, token, Settlement("sent")) if token else []

    async def _write(
        self, tx: AsyncConnection, message: Notification, token: str, settlement: Settlement
    ) -> list[Event]:
        before = None
        if message.settles and message.submission_id:
            before = await sending.lock_submission(tx, message.submission_id)
        if await sending.is_over(tx, message.assignment_id):
            settlement = of_ended(settlement, message.kind)
        after = await sending.write(tx, message.id, token, settlement)
        if after is None:
            return []
        if settlement.stops_route:
            active = await self._configurations.in_force(tx)
            await sending.stop_route(tx, after, active.version)
        if before is None or after.submission_id is None:
            return [after.event(self._now())]
        return await self._end(tx, after, after.submission_id, before)

    async def _end(
        self, tx: AsyncConnection, message: Notification, submission_id: str, before: str
    ) -> list[Event]:
        """The submission's end, if this message has decided it."""
        end = outcome(await sending.messages_of(tx, submission_id), before)
        events = [message.event(self._now(), end)]
        if end is None:
            return events
        await sending.end_submission(tx, submission_id, end)
        if end == "notified":
            events += await self._call_off(tx, message)
        else:
            active = await self._configurations.in_force(tx)
            events += await self._remind(tx, message, active)
        return events

    async def _call_off(self, tx: AsyncConnection, message: Notification) -> list[Event]:
        """A late `sent` makes the reminder to the manager needless."""
        dropped = await sending.call_off(tx, message.assignment_id)
        return [one.event(self._now()) for one in dropped]

    async def _remind(
        self, tx: AsyncConnection, message: Notification, active: Active
    ) -> list[Event]:
        """Nobody could be reached for sure: another route, and whoever answers for the team.

        Without a manager it is the specialist's own; where every route was tried, the console.
        Not where the specialist has found the lead without being told.
        """
        plan = compile_plan(active)
        case = await sending.case_of(tx, message.lead_id)
        if case.lead.accepted_at or case.lead.state != "open":
            return []
        told = plan.manager_of(message.team) or message.recipient
        why = _unheard(case, plan, self._now())
        notice = Notice(recipient=told, kind="reminder", why=why)
        tried = await sending.routes_tried(tx, message.assignment_id)
        routes = [
            route
            for route in (*plan.routes_of(told), LAST_RESORT)
            if (route.channel, route.to or "") not in tried
        ]
        if len(routes) > 1 and routes[-1] is LAST_RESORT:
            routes.pop()
        rows = [planned(case, notice, route, self._now()) for route in routes]
        await notifications.save_planned(tx, rows)
        return [one.event(self._now()) for one in rows]


def _unheard(case: Case, plan: Plan, now: datetime) -> Text:
    assignment = case.lead.assignment
    uncertain = Text(
        "معلوم نیست خبرش رسیده باشد", "it is not certain that the message about it arrived"
    )
    if assignment is None:
        return words.because(uncertain)
    name = plan.name_of(assignment.specialist)
    held = moments.with_whom(name, assignment.at, now, plan.calendar.zone)
    return words.because(words.both(held, uncertain))
