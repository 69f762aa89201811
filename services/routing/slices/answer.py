"""What one event leads to: picks the rule, applies it to the docket, gives the answers."""

from __future__ import annotations

from typing import Final

import msgspec

from libs.common.erasing import ERASED, erasure_in
from libs.common.events import Activity, Event, LeadScored, SubmissionEnriched
from services.routing.acting.act import ACTIONS, CLOSING, Setting, act
from services.routing.acting.ahead import ahead_of
from services.routing.acting.pause import PAUSES, pause_of
from services.routing.acting.sla import (
    SLA_DUE,
    SLA_HALF,
    SNOOZE_OVER,
    lapse,
    remind,
    too_early,
    wake,
)
from services.routing.case import Case, Cause, Step
from services.routing.choosing.wait import SEAT_FREE, admit, is_waiting
from services.routing.leads.join import Arrival, open_lead, rescore, touch_lead
from services.routing.leads.listing import worked_through
from services.routing.sending.announcement import announced, ends_known
from services.routing.sending.hush import heard_again, hushed
from services.routing.sending.standstill import resumed, stopped
from services.routing.slices.answers import Answers
from services.routing.slices.docket import Docket
from services.routing.slices.erasing import erase
from services.routing.slices.joining import join
from services.routing.slices.resending import meet, told_again
from services.routing.store.leads import Submission
from services.routing.store.persons import Person

HANDLED: Final = frozenset({*ACTIONS, SLA_HALF, SLA_DUE, SNOOZE_OVER, SEAT_FREE})
"""The activities that concern a lead; all others but pauses pass routing by."""
GIVING: Final = CLOSING | PAUSES | {
    "staff.declined", "staff.reassigned", "staff.reopened", SLA_DUE, SEAT_FREE,
}  # fmt: skip
"""Those that may give a lead to somebody, or change who has how many or may be given one."""


def answer(docket: Docket, place: int, event: Event) -> list[Event]:
    """Apply the event that stands at `place` in the slice; the events to publish."""
    if found := erasure_in(event.data):
        return erase(docket, found, Answers(docket, event, place))
    if isinstance(event.data, LeadScored):
        return _scored(docket, event, event.data, place)
    if isinstance(event.data, Activity) and event.data.type in HANDLED:
        return _acted(docket, event, event.data, place)
    if isinstance(event.data, Activity) and event.data.type in PAUSES:
        return _paused(docket, event.data)
    if done := worked_through(event.data):
        docket.changes.worked_through.add(done)
        return []
    _of_sources(docket, event)
    return told_again(docket, event, Answers(docket, event, place))


def _of_sources(docket: Docket, event: Event) -> None:
    """What those who answer for teams hear, or need not hear any more."""
    docket.changes.announced += announced(event, docket.roster.plan)
    if ends := ends_known(event):
        old = docket.changes.ends.get(ends.source, ends)
        docket.changes.ends[ends.source] = ends if ends.at >= old.at else old
    docket.changes.hushed += hushed(event, docket.roster.plan)
    docket.changes.stopped += stopped(event, docket.roster.plan)
    if over := heard_again(event):
        docket.changes.heard_again.append(over)
    if going_on := resumed(event):
        source, at = going_on
        docket.changes.resumed[source] = max(docket.changes.resumed.get(source, at), at)


def _scored(docket: Docket, event: Event, scored: LeadScored, place: int) -> list[Event]:
    if docket.is_erased(scored.person_id):
        return []
    answers = Answers(docket, event, place)
    cause = Cause(event.id, docket.now)
    enriched = scored.enriched
    for retired in enriched.joined if enriched else ():
        join(docket, retired, scored.person_id, answers, cause)
    person, newest_score, newest_contact = _noted(docket, scored)
    case = docket.open_lead(person.id)
    if enriched is None:
        if case and newest_score:
            answers.add(rescore(case, scored, cause))
        _meet(docket, answers)
        return answers.events
    arrival = Arrival(
        scored,
        enriched,
        person.id,
        newest_score,
        newest_contact,
        event.round,
        knows_erased=_knows_erased(person, scored.person_id, enriched),
    )
    seen = docket.submissions.get(enriched.submission_id)
    if seen and seen.state == ERASED:
        pass
    elif seen:
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


def _knows_erased(person: Person, named: str, enriched: SubmissionEnriched) -> bool:
    """Whether it tells of the person as known before something of theirs was erased."""
    before = person.id != named or enriched.person_version < person.erased_version
    return bool(person.erased_version) and before


def _touch(
    docket: Docket, case: Case | None, arrival: Arrival, answers: Answers, cause: Cause
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
    meet(docket, submission_id, answers)


def _repeat(
    docket: Docket, seen: Submission, arrival: Arrival, answers: Answers, place: int
) -> None:
    """A submission that has been here does nothing again (rule 28).

    In a later round it is said again how far it came, for whoever waits for it in that round.
    """
    case = docket.lead(seen.lead_id or "")
    if case is None or arrival.round <= seen.round:
        return
    if seen.id == case.opening:
        case = case.remembering(round=arrival.round)
        docket.record(Step(case), place)
    outcome = seen.state if seen.state in {"duplicate", "waiting"} else "assigned"
    answers.say(Step(case), submission_id=seen.id, outcome=outcome)
    docket.update_submission(seen._replace(round=arrival.round))
    docket.changes.restated[seen.id] = (arrival.round, place)


def _acted(docket: Docket, event: Event, activity: Activity, place: int) -> list[Event]:
    case = docket.lead(activity.lead_id or "") or (
        docket.open_lead(docket.person(activity.person_id).id) if activity.person_id else None
    )
    if event.id in docket.acted or (case is None and docket.is_erased(activity.person_id or "")):
        return []
    answers = Answers(docket, event, place)
    if case is None:
        docket.await_lead(ahead_of(event, activity, docket.now))
    else:
        _apply(docket, case, event.id, activity, answers)
    return answers.events


def _meet(docket: Docket, answers: Answers) -> None:
    """Do what staff did to leads that have come only now."""
    for one in docket.meeting():
        case = docket.lead(one.lead_id)
        if case and one.event_id not in docket.acted:
            _apply(docket, case, one.event_id, one.activity, answers)


def _apply(docket: Docket, case: Case, event_id: str, activity: Activity, answers: Answers) -> None:
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
