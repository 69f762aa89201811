"""The clocks of a lead: accepted in time, and back from a snooze (delivery rule 18).

A timer decides nothing. It publishes an activity, and `lapse` and `wake` decide when that is
read; one whose assignment or time has changed since is stale and does nothing, and one that is
read before its time (`too_early`) is planned again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from libs.common.events import Activity, Assignment, Change, Deadline, Event, Text, derived_id
from services.routing import words
from services.routing.acting.act import hand_on, held
from services.routing.case import Case, Cause, Notice, Step
from services.routing.choosing.roster import Roster
from services.routing.plan import Plan

SLA_HALF = "timer.sla_half"
SLA_DUE = "timer.sla_due"
SNOOZE_OVER = "timer.snooze_over"
HALF_STEP: Final = 1
"""Tells this reminder from one to the manager (0) and from those after a snooze (a version)."""


class Timer(NamedTuple):
    """An event to be published at a time."""

    id: str
    """The same for the same purpose; its event has an id of its own every time it is planned."""
    due_at: datetime
    event: Event


def with_deadline(before: Case | None, after: Case, plan: Plan) -> Case:
    """The lead with the time until which it is to be accepted, by its owner's calendar.

    A row of a list has none: nobody waits for an answer; it begins when they come alive. It stays
    what it was while the same person has not accepted, whatever the configuration says by now,
    and is gone once the lead is accepted, closed or waiting.
    """
    lead = after.lead
    old = before.lead if before else None
    is_awake = before is not None and before.listed is not None
    if lead.state != "open" or lead.assignment is None or lead.accepted_at or after.listed:
        deadline = None
    elif old and old.assignment and old.assignment.id == lead.assignment.id:
        since = max(lead.changed_at, lead.assignment.at)
        deadline = deadline_of(lead.assignment, plan, since) if is_awake else old.deadline
    else:
        deadline = deadline_of(lead.assignment, plan, lead.assignment.at)
    if deadline == lead.deadline:
        return after
    return after.remembering(lead=msgspec.structs.replace(lead, deadline=deadline))


def deadline_of(assignment: Assignment, plan: Plan, at: datetime) -> Deadline | None:
    """Counted from that time, or from the next opening where it is outside hours."""
    if plan.accept_within is None:
        return None
    clock, span = plan.clock_of(assignment.specialist), plan.accept_within
    since = clock.next_opening(at)
    return Deadline(
        since=since,
        half_at=clock.add(since, span / 2),
        last_fifth_at=clock.add(since, span * 4 / 5),
        due_at=clock.add(since, span),
    )


def ticks(case: Case) -> tuple[object, ...]:
    """What decides which timers run: while it stays the same, so do they."""
    lead = case.lead
    given = lead.assignment.id if lead.assignment else None
    return lead.state == "open", given, lead.deadline, lead.snoozed_until


def timers(case: Case) -> tuple[Timer, ...]:
    """The timers that should be running for a lead as it is now."""
    lead = case.lead
    if lead.state != "open" or lead.assignment is None:
        return ()
    found = []
    if lead.deadline:
        given = lead.assignment.id
        found.append(_timer(case, SLA_HALF, lead.deadline.half_at, assignment_id=given))
        found.append(_timer(case, SLA_DUE, lead.deadline.due_at, assignment_id=given))
    if lead.snoozed_until:
        until = lead.snoozed_until
        found.append(_timer(case, SNOOZE_OVER, until, until=until.isoformat()))
    return tuple(found)


def _timer(case: Case, kind: str, due_at: datetime, **data: object) -> Timer:
    lead = case.lead
    timer_id = derived_id(kind, lead.id, *map(str, data.values()))
    planned = (due_at.isoformat(), str(lead.version), lead.changed_at.isoformat())
    activity = Activity(
        activity_id=derived_id(timer_id, *planned),
        type=kind,
        at=due_at,
        person_id=lead.person_id,
        lead_id=lead.id,
        data={**data, "version": lead.version},
    )
    return _published(timer_id, activity)


def _published(timer_id: str, activity: Activity) -> Timer:
    event = Event(activity.activity_id, activity.person_id or "", activity.at, activity)
    return Timer(timer_id, activity.at, event)


def too_early(case: Case, activity: Activity, cause: Cause) -> Timer | None:
    """The lead's timer once more, where what it has published is read before its time.

    Its event gets another id: under the first one it counts as read.
    """
    told = {**activity.data, "version": None}
    for timer in timers(case):
        now = timer.event.data
        if not isinstance(now, Activity) or now.type != activity.type:
            continue
        if {**now.data, "version": None} == told and cause.now < timer.due_at:
            again = derived_id(now.activity_id, cause.id)
            return _published(timer.id, msgspec.structs.replace(now, activity_id=again))
    return None


def remind(case: Case, activity: Activity, cause: Cause) -> Step | None:
    """Half of the time to accept is over: the same specialist hears of it again, once.

    No step where the timer is stale, or so late that the whole time is over.
    """
    assignment, deadline = case.lead.assignment, case.lead.deadline
    if (
        assignment is None
        or deadline is None
        or case.escalated
        or cause.now >= deadline.due_at
        or activity.data.get("assignment_id") != assignment.id
    ):
        return None
    why = words.because(words.HALF_OVER)
    notice = Notice(recipient=assignment.specialist, kind="reminder", why=why, step=HALF_STEP)
    change = cause.change("reminded", words.HALF_OVER, specialist=assignment.specialist)
    return Step(case.evolved(cause.now), (change,), (notice,))


def lapse(
    case: Case, activity: Activity, roster: Roster, cause: Cause
) -> tuple[Step | None, Roster]:
    """The time to accept is over: the next specialist, and after all hops the manager, once.

    No step where the timer is stale.
    """
    assignment = case.lead.assignment
    if (
        case.lead.state != "open"
        or assignment is None
        or case.lead.accepted_at is not None
        or case.escalated
        or activity.data.get("assignment_id") != assignment.id
    ):
        return None, roster
    name = roster.plan.name_of(assignment.specialist)
    late = cause.change("sla_missed", _late(name), specialist=assignment.specialist, hops=case.hops)
    sla = roster.plan.content.routing.sla
    if sla is not None and case.hops >= sla.hops:
        return _escalated(case, late, roster, cause), roster
    handed, _skipped = hand_on(case, words.let_lapse(name), "sla", roster, cause)
    if handed is None:
        return _escalated(case, late, roster, cause), roster
    step, roster = handed
    hopped = step.case.remembering(hops=case.hops + 1)
    return Step(hopped, (late, *step.changes), step.notices), roster


def wake(case: Case, activity: Activity, cause: Cause) -> Step | None:
    """A snooze is over: its specialist is reminded. None where it was changed since."""
    until = case.lead.snoozed_until
    if (
        case.lead.state != "open"
        or until is None
        or activity.data.get("until") != until.isoformat()
    ):
        return None
    text = Text("زمان پیگیری رسید", "It is time to come back to it")
    after = case.evolved(cause.now, snoozed_until=None)
    notice = Notice(recipient=case.owner or "", kind="reminder", why=text, step=after.lead.version)
    return Step(after, (cause.change("woken", text),), (notice,) if case.owner else ())


def _late(name: str) -> Text:
    return Text(f"{name} به‌موقع نپذیرفت", f"{name} did not accept in time")


def _escalated(case: Case, late: Change, roster: Roster, cause: Cause) -> Step:
    plan, assignment = roster.plan, case.lead.assignment
    manager = plan.manager_of(assignment.team if assignment else None)
    after = case.evolved(cause.now).remembering(escalated=True)
    if manager is None:
        text = Text("هیچ‌کس نپذیرفت و تیم مدیری ندارد", "Nobody accepted, and there is no manager")
        return Step(after, (late, cause.change("escalated", text)))
    name = plan.name_of(manager)
    text = Text(
        f"هیچ‌کس به‌موقع نپذیرفت؛ به {name} خبر داده شد",
        f"Nobody accepted in time; {name} is told",
    )
    nobody = Text("به‌موقع پذیرفته نشد", "nobody accepted it in time")
    why = words.because(words.both(held(case, plan, cause.now), nobody))
    notice = Notice(recipient=manager, kind="escalation", why=why)
    return Step(after, (late, cause.change("escalated", text, manager=manager)), (notice,))
