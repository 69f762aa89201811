"""Locks and loads what a slice concerns, and saves what became of it.

The same few statements for one event as for five hundred.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from libs.common.database import Transaction
from libs.common.events import Activity, Event, LeadScored, as_id
from libs.common.failpoints import fail_point
from libs.common.metrics import WITHOUT_LEAD
from libs.common.stage import timers
from services.routing.acting.act import ACTIONS
from services.routing.choosing.roster import Roster
from services.routing.choosing.wait import is_waiting
from services.routing.leads.overdue import overdue_in
from services.routing.leads.resend import resend_of
from services.routing.messages.notification import Notification, Outcome
from services.routing.plan import Plan
from services.routing.slices import muster
from services.routing.slices.answer import GIVING, HANDLED
from services.routing.slices.changes import Changes
from services.routing.slices.docket import Docket, Locked
from services.routing.slices.erasing import persons_in, submissions_in
from services.routing.store import (
    ahead,
    announcements,
    erasing,
    leads,
    listed,
    notifications,
    persons,
    postings,
    resends,
    silences,
    standstills,
)

ENDS: dict[str, Outcome] = {"notified": "notified", "undelivered": "undelivered"}


async def load(tx: Transaction, batch: Sequence[Event], plan: Plan, now: datetime) -> Docket:
    """What the batch concerns, locked in the order of delivery rule 12."""
    scored = [e.data for e in batch if isinstance(e.data, LeadScored)]
    acts = {e.id: e.data for e in batch if isinstance(e.data, Activity) and e.data.type in HANDLED}
    resent = [found for e in batch if (found := resend_of(e))]
    joined = [one for s in scored if s.enriched for one in s.enriched.joined]
    new = _uuids([*(s.person_id for s in scored), *joined, *(r.person_id for r in resent)])
    new |= _uuids(a.person_id for a in acts.values() if a.type in ACTIONS)  # they may have to wait
    erased = persons_in(batch)
    new |= set(erased)
    known = _uuids(a.person_id for a in acts.values())
    lead_ids = _uuids(a.lead_id for a in acts.values())
    known |= await persons.persons_of(tx, lead_ids) if lead_ids else set()
    again = _uuids(resend.submission_id for resend in resent)
    known |= await resends.persons_behind(tx, again) if again else set()
    overdue = [late for e in batch if (late := overdue_in(e))]
    known |= {one.person_id for one in overdue}
    named = _uuids(submissions_in(batch)) | {one.submission_id for one in overdue}
    people = await persons.lock_persons(tx, new, known)
    cases = await leads.lock_cases(tx, people)
    waits = [c.opening for c in cases if is_waiting(c)]
    joins = joined or erased
    opened = [*waits, *(c.opening for c in cases if joins and c.lead.state == "open")]
    touching = [s.submission_id for s in scored]
    kinds = {e.data.type for e in batch if isinstance(e.data, Activity)}
    gives = any(touching) or bool(waits or erased) or not kinds.isdisjoint(GIVING)
    roster, paused_at = await muster.locked(tx, plan, now) if gives else (Roster(plan, now), {})
    submissions = await leads.lock_submissions(tx, _uuids([*touching, *opened, *again, *named]))
    arriving = _uuids(touching) | named | again
    waiting = await resends.waiting(tx, arriving) if arriving else []
    early = await ahead.waiting(tx, people) if any(touching) else []
    awaited = [*(r.event_id for r in (*resent, *waiting)), *(one.event_id for one in early)]
    applied = [*acts, *awaited, *_uuids(r.of for r in (*resent, *waiting))]
    acted = await leads.applied_actions(tx, applied) if applied else {}
    locked = Locked(people, cases, submissions, acted, waiting, early, paused_at, gives)
    return Docket(roster, locked, now)


def _uuids(ids: Iterable[str | None]) -> set[str]:
    """Those that are ids; an activity may name anything, and then means no lead of ours."""
    found = set()
    for one in ids:
        try:
            found.add(as_id(one or ""))
        except (TypeError, ValueError, AttributeError):
            continue
    return found


async def save(tx: Transaction, docket: Docket, last: int) -> list[tuple[int, Event]]:
    """Write what changed. Gives further answers, each with its place in the slice.

    What follows from the slice as a whole is the answer of its `last` event.
    """
    changes = docket.changes
    if changes.persons:
        await persons.save_persons(tx, changes.persons)
    if changes.cases:
        await leads.save_cases(tx, changes.cases.values())
        await postings.mark(tx, changes.cases)
    if changes.assignments:
        await leads.save_assignments(tx, changes.assignments.values())
    await muster.save(tx, docket)
    if changes.submissions:
        await leads.save_submissions(tx, changes.submissions.values())
    if changes.actions:
        await leads.save_actions(tx, changes.actions)
    if changes.resends:
        await resends.save(tx, changes.resends.values())
    if changes.arrived:
        await resends.drop(tx, changes.arrived)
    await _save_ahead(tx, changes, docket.now)
    if changes.notifications:
        await notifications.save_planned(tx, changes.notifications)
    await listed.save(tx, changes.listed, changes.worked_through)
    await announcements.know(tx, changes.ends)
    await announcements.CLAIMS.plan(tx, changes.announced)
    await silences.CLAIMS.plan(tx, changes.hushed)
    await silences.end(tx, changes.heard_again)
    await standstills.CLAIMS.plan(tx, changes.stopped)
    await standstills.end(tx, changes.resumed)
    await _save_timers(tx, changes)
    further = [*await _superseded(tx, changes, docket.now), *await _restated(tx, docket)]
    further += await _erased(tx, changes, docket.now)
    seats = await muster.make_offers(tx, docket.roster) if docket.gives else []
    return [*further, *((last, event) for event in seats)]


async def _save_ahead(tx: Transaction, changes: Changes, now: datetime) -> None:
    dropped = changes.dropped
    if changes.ahead:
        dropped += await ahead.save(tx, changes.ahead.values(), now)
        WITHOUT_LEAD.labels("waits").inc(len(changes.ahead))
    if changes.met:
        await ahead.drop(tx, changes.met)
    if dropped:
        WITHOUT_LEAD.labels("dropped").inc(dropped)


async def _save_timers(tx: Transaction, changes: Changes) -> None:
    planned = [(t.id, t.due_at, t.event) for t in changes.timers.values() if t]
    cancelled = [timer_id for timer_id, timer in changes.timers.items() if timer is None]
    if planned:
        await timers.plan_all(tx, "routing", sorted(planned, key=lambda timer: timer[0]))
    if cancelled:
        await timers.cancel(tx, "routing", *sorted(cancelled))


async def _superseded(tx: Transaction, changes: Changes, now: datetime) -> list[tuple[int, Event]]:
    if not changes.superseded:
        return []
    dropped = await notifications.supersede(tx, changes.superseded)
    return [(changes.superseded[one.assignment_id], one.event(now)) for one in dropped]


async def _erased(tx: Transaction, changes: Changes, now: datetime) -> list[tuple[int, Event]]:
    if changes.forgotten:
        await erasing.forget_persons(tx, changes.forgotten)
    if not changes.erased:
        return []
    fail_point("routing.erasing")
    dropped = await erasing.empty_leads(tx, changes.erased)
    return [(changes.erased[one.lead_id], one.event(now)) for one in dropped]


async def _restated(tx: Transaction, docket: Docket) -> list[tuple[int, Event]]:
    restated = docket.changes.restated
    if not restated:
        return []
    rounds = {submission: round_ for submission, (round_, _place) in restated.items()}
    said = await notifications.say_again(tx, rounds)

    def event(one: Notification) -> tuple[int, Event]:
        submission = one.submission_id or ""
        state = docket.submissions[submission].state
        return restated[submission][1], one.event(docket.now, ENDS.get(state))

    return [event(one) for one in said]
