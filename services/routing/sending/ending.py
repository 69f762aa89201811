"""What a group of results comes to, within one transaction: messages, submissions, who is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from libs.common.configuration import Active, Configurations
from libs.common.configuration.schema import Route
from libs.common.database import Transaction
from libs.common.events import Event, Text
from services.routing import moments, words
from services.routing.case import Case, Notice
from services.routing.messages.notification import Notification, Outcome, planned
from services.routing.messages.settlement import Settlement
from services.routing.plan import Plan, compile_plan
from services.routing.sending.settle import of_ended, outcome
from services.routing.store import notifications, postings, sending, settled
from services.routing.store.settled import Claim

LAST_RESORT: Final = Route(channel="console")


class Settled(NamedTuple):
    """A message and what follows from its attempt under that token."""

    message: Notification
    token: str
    settlement: Settlement
    reference: str | None = None
    """What the receiver calls it, where it can be changed later."""
    shown: str = ""
    """The lead's standing that it told of."""

    @property
    def claim(self) -> Claim:
        """What makes it ours."""
        return Claim(self.message.id, self.token)


class Endings:
    """Writes results down, and ends the submissions that hang on them."""

    def __init__(self, configurations: Configurations, now: Callable[[], datetime]) -> None:
        self._configurations = configurations
        self._now = now

    async def write(self, tx: Transaction, results: Sequence[Settled]) -> list[list[Event]]:
        """What is to be published of each; nothing of a claim that is no longer ours.

        A constant number of statements while all goes well.
        """
        if referred := {one.message.lead_id for one in results if one.reference is not None}:
            await postings.lock_leads(tx, referred)  # first of all: rule 12
        states = await settled.lock_submissions(tx, _submissions(results))
        over = await settled.over(tx, {one.message.assignment_id for one in results})
        asked = [(one.claim, _settlement(one, over)) for one in results]
        written = await settled.write(tx, asked)
        for claim, settlement in asked:
            if settlement.stops_route and claim in written:
                active = await self._configurations.in_force(tx)
                route = written[claim].channel, written[claim].address
                await sending.stop_route(tx, *route, active.version)
        events = await self._end(tx, [written.get(claim) for claim, _ in asked], states)
        for one in results:
            if one.reference is not None:
                await postings.keep(tx, one.message.id, one.reference, one.shown)
        return events

    async def _end(
        self,
        tx: Transaction,
        messages: Sequence[Notification | None],
        states: Mapping[str, str],
    ) -> list[list[Event]]:
        """Each message's event with the submission's end, if this one has decided it."""
        hang = {m.submission_id for m in messages if m and m.settles and m.submission_id in states}
        pending = await settled.messages_of(tx, [one for one in hang if one]) if hang else {}
        ends: dict[str, Outcome] = {}
        decided: list[tuple[int, Notification, Outcome]] = []
        events: list[list[Event]] = []
        for place, message in enumerate(messages):
            end = None
            if message and message.settles and message.submission_id in pending:
                submission = message.submission_id
                if message.kind == "assigned":
                    end = outcome(pending[submission], ends.get(submission, states[submission]))
                else:  # of somebody who came alive: their submission has joined a lead
                    heard = outcome(pending[submission], "assigned")
                    decided += [(place, message, heard)] if heard else []
                if end:
                    ends[submission] = end
                    decided.append((place, message, end))
            events.append([message.event(self._now(), end)] if message else [])
        if ends:
            await settled.end_submissions(tx, ends)
        if decided:
            await self._tell(tx, decided, events)
        return events

    async def _tell(
        self,
        tx: Transaction,
        decided: Sequence[tuple[int, Notification, Outcome]],
        events: Sequence[list[Event]],
    ) -> None:
        """A `sent` makes the reminder to the manager needless; where none is, somebody is told."""
        reached = {m.assignment_id: place for place, m, end in decided if end == "notified"}
        for dropped in await settled.call_off(tx, reached.keys()) if reached else ():
            events[reached[dropped.assignment_id]].append(dropped.event(self._now()))
        for place, message, end in decided:
            if end != "notified":
                active = await self._configurations.in_force(tx)
                events[place].extend(await self._remind(tx, message, active))

    async def _remind(self, tx: Transaction, message: Notification, active: Active) -> list[Event]:
        """Nobody could be reached for sure: another route, and whoever answers for the team.

        Without a manager it is the specialist's own; where every route was tried, the console.
        Not where the specialist has found the lead without being told.
        """
        plan = compile_plan(active)
        case = await sending.case_of(tx, message.lead_id)
        if case.lead.accepted_at or case.lead.state != "open":
            return []
        if message.kind != "assigned" and await notifications.is_reminded(
            tx, message.assignment_id
        ):
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


def _submissions(results: Sequence[Settled]) -> set[str]:
    messages = (one.message for one in results)
    return {one.submission_id for one in messages if one.settles and one.submission_id}


def _settlement(one: Settled, over: set[str]) -> Settlement:
    if one.message.assignment_id not in over:
        return one.settlement
    return of_ended(one.settlement, one.message.kind)
