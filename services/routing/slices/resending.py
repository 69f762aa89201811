"""The shell of resends: what is told of a submission again, once, in whatever order it is read."""

from __future__ import annotations

import msgspec

from libs.common.erasing import ERASED
from libs.common.events import Event
from services.routing.case import Case, Cause
from services.routing.leads.overdue import Overdue, overdue_in
from services.routing.leads.resend import Resend, anew, resend_of, touch_again
from services.routing.leads.scanned import came_by_code
from services.routing.slices.answers import Answers
from services.routing.slices.docket import Docket


def told_again(docket: Docket, event: Event, answers: Answers) -> list[Event]:
    """A resend, or the word that one has waited long enough; nothing of any other event."""
    if resend := resend_of(event):
        _resent(docket, resend, answers)
    elif late := overdue_in(event):
        _begin_alone(docket, late, answers)
    return answers.events


def _resent(docket: Docket, resend: Resend, answers: Answers) -> None:
    """It counts once, whenever it comes: before its submission, it waits for that."""
    if resend.event_id in docket.acted or docket.is_erased(resend.person_id):
        return
    seen = docket.submissions.get(resend.submission_id)
    if seen is None:
        docket.wait(resend)
    elif seen.state != ERASED:
        _tell(docket, resend, answers)


def meet(docket: Docket, submission_id: str, answers: Answers) -> None:
    """Do what waited for a submission that has come only now."""
    for resend in docket.waiting_for(submission_id):
        _tell(docket, resend, answers)


def _begin_alone(docket: Docket, late: Overdue, answers: Answers) -> None:
    """The message is a submission of its own, unless it has met its conversation's by now."""
    for resend in docket.overdue(late.resend):
        if resend.event_id not in docket.acted and not docket.is_erased(resend.person_id):
            answers.events.append(anew(resend, docket.now, has_waited=True))
            docket.update_action(resend.event_id, None)


def _tell(docket: Docket, resend: Resend, answers: Answers) -> None:
    case = docket.lead(docket.submissions[resend.submission_id].lead_id or "")
    if case is None or resend.event_id in docket.acted:
        return
    if resend.scanned:
        _learn(docket, case, resend, answers)
        return
    _touch(docket, case, resend, answers)
    for late in docket.waiting_on(resend.event_id):
        _learn(docket, case, late, answers)


def _touch(docket: Docket, case: Case, resend: Resend, answers: Answers) -> None:
    """The person's open lead has a touch more; where there is none, a message begins anew."""
    if case.lead.state != "open":
        case = docket.open_lead(case.lead.person_id) or case
    if case.lead.state != "open" and resend.is_written:
        answers.events.append(anew(resend, docket.now))
        docket.update_action(resend.event_id, case.lead.id)
        return
    person = docket.person(case.lead.person_id)
    newest = person.id == resend.person_id and resend.person_version >= person.contact_version
    if newest:
        noted = msgspec.structs.replace(person, contact_version=resend.person_version)
        docket.update_person(noted)
    cause = Cause(resend.event_id, docket.now)
    answers.add(touch_again(case, resend, cause, newest=newest))
    docket.update_action(resend.event_id, case.lead.id)


def _learn(docket: Docket, case: Case, resend: Resend, answers: Answers) -> None:
    """The lead that the touch led to, closed or not: its answer to where it came from is fuller.

    A later message may have joined another than its submission's. What is read before the touch
    that it is of waits for that.
    """
    if resend.of and resend.of not in docket.acted:
        docket.wait(resend)
        return
    joined = docket.lead(docket.acted[resend.of] or "") if resend.of else None
    case = joined or case
    step = came_by_code(case, resend.touch, Cause(resend.event_id, docket.now))
    if step:
        answers.add(step)
    docket.update_action(resend.event_id, case.lead.id)
