"""A slice's working set: what was locked, what the rules have made of it, what is to be saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from libs.common.events import Event, LeadRouted, derived_id
from services.routing.acting.ahead import Ahead
from services.routing.acting.sla import Timer, ticks, timers, with_deadline
from services.routing.case import Case, Step
from services.routing.choosing.attendance import Load, Pause, Paused
from services.routing.choosing.roster import Roster
from services.routing.choosing.shares import Pointers
from services.routing.choosing.wait import is_waiting, place_of
from services.routing.leads.listing import row_of
from services.routing.leads.overdue import deadline_of, timer_id
from services.routing.leads.resend import Resend
from services.routing.messages.notification import Notification, planned
from services.routing.slices.changes import Changes
from services.routing.store.leads import Held, Submission
from services.routing.store.persons import Person


class Locked(NamedTuple):
    """The rows that the slice holds."""

    persons: dict[str, Person]
    cases: Sequence[Case]
    submissions: dict[str, Submission]
    acted: dict[str, str | None]
    """Activities that were applied before, each with the lead to which, if to any."""
    resends: Sequence[Resend] = ()
    """Those that wait for a submission of the slice."""
    ahead: Sequence[Ahead] = ()
    """Actions that wait for a lead of the slice's persons."""
    paused_at: Mapping[str, datetime] = {}
    """When staff last decided of whose pause."""
    gives: bool = True
    """Whether the teams are locked."""


class Docket:
    """What one slice works on. Everything in it is locked until the transaction ends."""

    def __init__(self, roster: Roster, locked: Locked, now: datetime) -> None:
        self.roster = roster
        self.submissions = locked.submissions
        self.acted = locked.acted
        self.now = now
        self.changes = Changes()
        self._ahead = {one.event_id: one for one in locked.ahead}
        self._waiting = {resend.event_id: resend for resend in locked.resends}
        self.gives = locked.gives
        self._paused_at = dict(locked.paused_at)
        self._pointers = roster.pointers
        self._loads = dict(roster.loads)
        self._persons = locked.persons
        self._cases: dict[str, Case] = {}
        self._of_person: dict[str, set[str]] = {}
        for case in locked.cases:
            self._put(case)

    def _put(self, case: Case) -> None:
        before = self._cases.get(case.lead.id)
        if before:
            self._of_person[before.lead.person_id].discard(case.lead.id)
        self._cases[case.lead.id] = case
        self._of_person.setdefault(case.lead.person_id, set()).add(case.lead.id)

    def person(self, person_id: str) -> Person:
        """Who that person is now (retired ids redirect for ever)."""
        person = self.row(person_id)
        while person.joined_into:
            person = self._persons[person.joined_into]
        return person

    def row(self, person_id: str) -> Person:
        """What is remembered under that very id."""
        return self._persons.get(person_id) or Person(person_id)

    def is_erased(self, person_id: str) -> bool:
        """Whether nothing is to be done for that person any more."""
        return self.row(person_id).erased or self.person(person_id).erased

    def update_person(self, person: Person) -> None:
        """Keep what changed of a person."""
        self._persons[person.id] = self.changes.persons[person.id] = person

    def update_submission(self, submission: Submission) -> None:
        """Keep how far a submission has come."""
        self.submissions[submission.id] = self.changes.submissions[submission.id] = submission

    def update_action(self, event_id: str, lead_id: str | None) -> None:
        """Keep that an activity has been applied, and to which lead."""
        self.acted[event_id] = lead_id
        self.changes.actions[event_id] = lead_id

    def pause(self, specialist: str, pause: Pause | None, at: datetime) -> None:
        """Keep whether somebody is put aside; an older decision than the last is void."""
        if at >= self._paused_at.get(specialist, at):
            self._paused_at[specialist] = at
            self.changes.pauses[specialist] = Paused(pause, at)
            self.roster = self.roster.paused(specialist, pause)

    def wait(self, resend: Resend) -> None:
        """Let a resend wait for its submission, or a scan's word for the touch that it is of."""
        self._waiting[resend.event_id] = self.changes.resends[resend.event_id] = resend
        self.changes.arrived.discard(resend.event_id)
        if resend.is_written:
            self.plan(deadline_of(resend, self.now))

    def waiting_for(self, submission_id: str) -> list[Resend]:
        """The resends that waited for the submission, in order; they wait no longer."""
        return self._met(r for r in self._waiting.values() if r.submission_id == submission_id)

    def waiting_on(self, event_id: str) -> list[Resend]:
        """The words of scans that waited for that resend; they wait no longer."""
        return self._met(r for r in self._waiting.values() if r.of == event_id)

    def overdue(self, event_id: str) -> list[Resend]:
        """That message, if it waited, after what waited of its chat before it; no longer.

        A build before plans no timer, and passes over one that falls due to it.
        """
        last = self._waiting.get(event_id)
        return self._met(
            r
            for r in self._waiting.values()
            if last and r.is_written and r.submission_id == last.submission_id
            if r.touch.at <= last.touch.at
        )

    def _met(self, waited: Iterable[Resend]) -> list[Resend]:
        found = list(waited)
        for resend in found:
            if resend.is_written:
                self.changes.timers[timer_id(resend)] = None
            del self._waiting[resend.event_id]
            self.changes.resends.pop(resend.event_id, None)
            self.changes.arrived.add(resend.event_id)
        return sorted(found, key=lambda one: (one.touch.at, one.scanned, one.event_id))

    def plan(self, timer: Timer) -> None:
        """Plan a timer again; it falls away like any other when its lead moves on."""
        self.changes.timers[timer.id] = timer

    def await_lead(self, ahead: Ahead | None) -> None:
        """Let an action wait for its lead; None: there is nothing to wait for."""
        if ahead is None:
            self.changes.dropped += 1
        else:
            self._ahead[ahead.event_id] = self.changes.ahead[ahead.event_id] = ahead

    def meeting(self) -> list[Ahead]:
        """The actions whose lead is there by now, in order; they wait no longer."""
        found = [one for one in self._ahead.values() if self.lead(one.lead_id)]
        for one in found:
            del self._ahead[one.event_id]
            self.changes.ahead.pop(one.event_id, None)
            self.changes.met.add(one.event_id)
        return sorted(found, key=lambda one: (one.activity.at, one.event_id))

    def moved_teams(self) -> dict[str, Pointers]:
        """The teams whose pointers have moved."""
        moved = self.roster.pointers
        return {team: of for team, of in moved.items() if of is not self._pointers.get(team)}

    def leads_of(self, person_id: str) -> list[Case]:
        """All leads of a person, the latest opened last."""
        found = [self._cases[lead_id] for lead_id in self._of_person.get(person_id, ())]
        return sorted(found, key=lambda c: (c.lead.opened_at, c.lead.id))

    def open_lead(self, person_id: str) -> Case | None:
        """The one open lead of a person, if there is one."""
        return next((c for c in self.leads_of(person_id) if c.lead.state == "open"), None)

    def past_lead(self, person_id: str) -> Case | None:
        """The person's latest lead that was won or lost."""
        closed = [
            c for c in self.leads_of(person_id) if c.lead.closed_at and not c.lead.merged_into
        ]
        return max(closed, key=lambda c: (c.lead.closed_at, c.lead.id), default=None)

    def lead(self, lead_id: str) -> Case | None:
        """The lead of that id, or the one that it was joined to."""
        case = self._cases.get(lead_id)
        while case and case.lead.merged_into:
            case = self._cases.get(case.lead.merged_into)
        return case

    def record(self, step: Step, place: int) -> tuple[Step, list[Notification]]:
        """Keep what a rule decided, as the slice's event at `place`.

        Gives the step with the lead's deadline, and the messages that it plans.
        """
        before = self._cases.get(step.case.lead.id)
        after = with_deadline(before, step.case, self.roster.plan)
        self._put(after)
        self.changes.cases[after.lead.id] = after
        self._record_assignment(before, after, place)
        self._record_load(before, after)
        self._record_place(before, after)
        self._record_timers(before, after)
        told = [
            planned(after, notice, route, self.now)
            for notice in step.notices
            if notice.listed is None
            for route in self.roster.plan.routes_of(notice.recipient)
        ]
        self.changes.notifications += told
        self.changes.listed += [
            row_of(after, notice, notice.listed) for notice in step.notices if notice.listed
        ]
        return Step(after, step.changes, step.notices), told

    def _record_assignment(self, before: Case | None, after: Case, place: int) -> None:
        old = before.lead.assignment if before else None
        new = after.lead.assignment
        if old and (not new or new.id != old.id):
            self.changes.assignments[old.id] = Held(after.lead.id, old, self.now)
            self.changes.superseded[old.id] = place
        if new:
            ended = None if after.lead.state == "open" else after.lead.closed_at
            if not old or new.id != old.id or (before and before.lead.state != after.lead.state):
                self.changes.assignments[new.id] = Held(after.lead.id, new, ended)
            if after.lead.merged_into:
                self.changes.superseded[new.id] = place

    def _record_timers(self, before: Case | None, after: Case) -> None:
        if before and ticks(before) == ticks(after):
            return
        old = {t.id: t for t in timers(before)} if before else {}
        new = {t.id: t for t in timers(after)}
        self.changes.timers |= dict.fromkeys(old.keys() - new.keys())
        self.changes.timers |= {key: new[key] for key in new.keys() - old.keys()}

    def _record_load(self, before: Case | None, after: Case) -> None:
        """Count who has how many: by what the leads say, whatever the rules reckoned with."""
        had = before.owner if before and before.lead.state == "open" else None
        has = after.owner if after.lead.state == "open" else None
        old = before.lead.assignment if before else None
        new = after.lead.assignment
        if had != has:
            self._count(had, -1, 0)
            self._count(has, 1, 0)
        if new and (old is None or old.id != new.id):
            self._count(new.specialist, 0, 1)
        self.roster = self.roster.counted(self._loads)

    def _count(self, specialist: str | None, by: int, given: int) -> None:
        if specialist:
            for counts in (self.changes.counts, self._loads):
                load = counts.get(specialist, Load())
                counts[specialist] = Load(load.open + by, load.today + given)

    def _record_place(self, before: Case | None, after: Case) -> None:
        place = place_of(after, self.roster)
        if place:
            self.changes.places[after.lead.id] = place
            self.roster = self.roster.queued(place)
        elif before and is_waiting(before):
            self.changes.places[after.lead.id] = None
            self.roster = self.roster.left(after.lead.id)

    def submission_given(self, case: Case) -> dict[str, Any]:
        """The submission that has waited, where its lead now has an owner."""
        opening = self.submissions.get(case.opening)
        if case.owner is None or opening is None or opening.state != "waiting":
            return {}
        self.update_submission(opening._replace(state="assigned", at=self.now))
        return {"submission_id": opening.id, "outcome": "assigned"}

    def routed(self, cause: Event, number: int, step: Step, **touch: Any) -> Event:
        """The answer that carries a lead as a step left it."""
        lead = step.case.lead
        is_opening = touch.get("submission_id") == step.case.opening
        data = LeadRouted(lead, step.changes, **touch)
        return Event(
            id=derived_id("routed", cause.id, str(number)),
            key=lead.person_id,
            time=self.now,
            data=data,
            round=max(cause.round, step.case.round if is_opening else 0),
            traceparent=cause.traceparent,
        )
