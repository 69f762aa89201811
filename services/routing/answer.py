"""What one event leads to: picks the rule, applies it to the docket, gives the answers."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from libs.common.events import Activity, Event, LeadScored
from services.routing.act import ACTIONS, CLOSING, Setting, act
from services.routing.ahead import ahead_of
from services.routing.case import Case, Cause, Step
from services.routing.docket import Docket
from services.routing.join import Arrival, open_lead, rescore, touch_lead
from services.routing.merge import adopt, merge
from services.routing.pause import PAUSES, pause_of
from services.routing.resend import Resend, resend_of, touch_again
from services.routing.sla import SLA_DUE, SLA_HALF, SNOOZE_OVER, lapse, remind, too_early, wake
from services.routing.store.leads import Submission
from services.routing.store.persons import Person
from services.routing.wait import SEAT_FREE, admit, inherit, is_waiting

HANDLED: Final = frozenset({*ACTIONS, SLA_HALF, SLA_DUE, SNOOZE_OVER, SEAT_FREE})
"""The activities that concern a lead; all others but pauses pass routing by."""
GIVING: Final = CLOSING | PAUSES | {
    "staff.declined", "staff.reassigned", "staff.reopened", SLA_DUE, SEAT_FREE,
}  # fmt: skip
"""Those that may give a lead to somebody, or change who has how many or may be given one."""


def answer(docket: Docket, place: int, event: Event) -> list[Event]:
    """Apply the event that stands at `place` in the slice; the events to publish."""
    if isinstance(event.data, LeadScored):
        return _scored(docket, event, event.data, place)
    if isinstance(event.data, Activity) and event.data.type in HANDLED:
        return _acted(docket, event, event.data, place)
    if isinstance(event.data, Activity) and event.data.type in PAUSES:
        return _paused(docket, event.data)
    resend = resend_of(event)
    return _resent(docket, event, resend, place) if resend else []


class _Answers:
    """Numbers the answers to one event, so that their ids are the same on a repeat."""

    def __init__(self, docket: Docket, event: Event, place: int) -> None:
        self.events: list[Event] = []
        self._docket, self._event, self._place = docket, event, place

    def add(self, step: Step, **touch: Any) -> None:
        """Record a step and answer with its lead and the messages it plans.

        Where a lead leaves the queue, its submission is no longer waiting.
        """
        step, planned = self._docket.record(step, self._place)
        self.say(step, **(touch or self._docket.submission_given(step.case)))
        self.events += [one.event(self._docket.now) for one in planned]

    def keep(self, step: Step) -> None:
        """Record a step of which nothing is said."""
        self._docket.record(step, self._place)

    def say(self, step: Step, **touch: Any) -> None:
        """Answer with a lead as it is."""
        number = len(self.events)
        self.events.append(self._docket.routed(self._event, number, step, **touch))


def _scored(docket: Docket, event: Event, scored: LeadScored, place: int) -> list[Event]:
    answers = _Answers(docket, event, place)
    cause = Cause(event.id, docket.now)
    enriched = scored.enriched
    for retired in enriched.joined if enriched else ():
        _join(docket, retired, scored.person_id, answers, cause)
    person, newest_score, newest_contact = _noted(docket, scored)
    case = docket.open_lead(person.id)
    if enriched is None:
        if case and newest_score:
            answers.add(rescore(case, scored, cause))
        _meet(docket, answers)
        return answers.events
    arrival = Arrival(scored, enriched, person.id, newest_score, newest_contact, event.round)
    seen = docket.submissions.get(enriched.submission_id)
    if seen:
        _repeat(docket, seen, arrival, answers, place)
    else:
        _touch(docket, case, arrival, answers, cause)
    _meet(docket, answers)
    return answers.events


def _noted(docket: Docket, scored: LeadScored) -> tuple[Person, bool, bool]:
    """The person, and whether this is the newest score and the newest contact of theirs.

    What names a retired person is never newest: its versions count something else.
    """
    person = docket.person(scored.person_id)
    if person.id != scored.person_id:
        return person, False, False
    newest_score = scored.version > person.score_version
    contact = scored.enriched.person_version if scored.enriched else 0
    newest_contact = contact >= person.contact_version if contact else newest_score
    noted = msgspec.structs.replace(
        person,
        score_version=max(scored.version, person.score_version),
        contact_version=max(contact, person.contact_version),
    )
    if noted != person:
        docket.update_person(noted)
    return noted, newest_score, newest_contact


def _touch(
    docket: Docket, case: Case | None, arrival: Arrival, answers: _Answers, cause: Cause
) -> None:
    submission_id = arrival.enriched.submission_id
    if case:
        step, outcome = touch_lead(case, arrival, cause), "duplicate"
    else:
        past = docket.past_lead(arrival.person_id)
        step, docket.roster = open_lead(arrival, past, docket.roster, cause)
        outcome = "waiting" if is_waiting(step.case) else "assigned"
    answers.add(step, submission_id=submission_id, outcome=outcome)
    docket.update_submission(
        Submission(submission_id, step.case.lead.id, outcome, arrival.round, docket.now)
    )
    for resend in docket.waiting_for(submission_id):
        _touch_again(docket, resend, answers)


def _repeat(
    docket: Docket, seen: Submission, arrival: Arrival, answers: _Answers, place: int
) -> None:
    """A submission that has been here does nothing again (rule 28).

    In a later round it is said again how far it came, for whoever waits for it in that round.
    """
    case = docket.lead(seen.lead_id)
    if case is None or arrival.round <= seen.round:
        return
    if seen.id == case.opening:
        case = case.remembering(round=arrival.round)
        docket.record(Step(case), place)
    outcome = seen.state if seen.state in {"duplicate", "waiting"} else "assigned"
    answers.say(Step(case), submission_id=seen.id, outcome=outcome)
    docket.update_submission(seen._replace(round=arrival.round))
    docket.changes.restated[seen.id] = (arrival.round, place)


def _resent(docket: Docket, event: Event, resend: Resend, place: int) -> list[Event]:
    """A resend counts once, whenever it comes: before its submission, it waits for that."""
    if event.id in docket.acted:
        return []
    answers = _Answers(docket, event, place)
    if resend.submission_id in docket.submissions:
        _touch_again(docket, resend, answers)
    else:
        docket.wait(resend)
    return answers.events


def _touch_again(docket: Docket, resend: Resend, answers: _Answers) -> None:
    case = docket.lead(docket.submissions[resend.submission_id].lead_id)
    if case is None or resend.event_id in docket.acted:
        return
    if case.lead.state != "open":
        case = docket.open_lead(case.lead.person_id) or case
    person = docket.person(case.lead.person_id)
    newest = person.id == resend.person_id and resend.person_version >= person.contact_version
    if newest:
        noted = msgspec.structs.replace(person, contact_version=resend.person_version)
        docket.update_person(noted)
    cause = Cause(resend.event_id, docket.now)
    answers.add(touch_again(case, resend, cause, newest=newest))
    docket.update_action(resend.event_id, case.lead.id)


def _join(docket: Docket, retired: str, survivor: str, answers: _Answers, cause: Cause) -> None:
    """Make the leads of a retired person the survivor's (rule 15)."""
    gone, stays = docket.person(retired), docket.person(survivor)
    if gone.id == stays.id:
        return
    theirs, mine = docket.open_lead(gone.id), docket.open_lead(stays.id)
    docket.update_person(msgspec.structs.replace(gone, joined_into=stays.id))
    for case in docket.leads_of(gone.id):
        if mine and theirs and case.lead.id == theirs.lead.id:
            continue
        answers.add(adopt(case, stays.id, cause))
    if mine and theirs:
        theirs = theirs.evolved(cause.now, person_id=stays.id)
        kept, closed = merge(mine, theirs, cause)
        answers.add(closed, **_swallowed(docket, closed.case))
        answers.add(kept)
        if is_waiting(kept.case) and closed.case.owner:
            step, docket.roster = inherit(kept.case, closed.case.owner, docket.roster, cause)
            answers.add(step)


def _swallowed(docket: Docket, closed: Case) -> dict[str, Any]:
    """The end of the submission that opened a lead which has joined another."""
    opening = docket.submissions.get(closed.opening)
    if opening is None or opening.state not in {"assigned", "waiting"}:
        return {}
    docket.update_submission(opening._replace(state="duplicate", at=docket.now))
    return {"submission_id": opening.id, "outcome": "duplicate"}


def _acted(docket: Docket, event: Event, activity: Activity, place: int) -> list[Event]:
    case = docket.lead(activity.lead_id or "") or (
        docket.open_lead(docket.person(activity.person_id).id) if activity.person_id else None
    )
    if event.id in docket.acted:
        return []
    answers = _Answers(docket, event, place)
    if case is None:
        docket.await_lead(ahead_of(event, activity, docket.now))
    else:
        _apply(docket, case, event.id, activity, answers)
    return answers.events


def _meet(docket: Docket, answers: _Answers) -> None:
    """Do what staff did to leads that have come only now."""
    for one in docket.meeting():
        case = docket.lead(one.lead_id)
        if case and one.event_id not in docket.acted:
            _apply(docket, case, one.event_id, one.activity, answers)


def _apply(
    docket: Docket, case: Case, event_id: str, activity: Activity, answers: _Answers
) -> None:
    cause = Cause(event_id, docket.now, activity.actor)
    docket.update_action(event_id, case.lead.id)
    early = too_early(case, activity, cause)
    if early:
        docket.plan(early)
        return
    step: Step | None
    if activity.type == SLA_DUE:
        step, docket.roster = lapse(case, activity, docket.roster, cause)
    elif activity.type == SLA_HALF:
        step = remind(case, activity, cause)
    elif activity.type == SNOOZE_OVER:
        step = wake(case, activity, cause)
    elif activity.type == SEAT_FREE:
        past = docket.past_lead(case.lead.person_id)
        step, docket.roster = admit(case, past.owner if past else None, docket.roster, cause)
    else:
        other = docket.open_lead(case.lead.person_id)
        setting = Setting(docket.roster, has_other_open=other is not None)
        step, docket.roster = act(case, activity.type, activity.data, setting, cause)
    if step and step.case.lead == case.lead:
        answers.keep(step)
    elif step:
        answers.add(step)


def _paused(docket: Docket, activity: Activity) -> list[Event]:
    found = pause_of(activity)
    if found:
        docket.pause(found.specialist, found.pause, activity.at)
    return []
