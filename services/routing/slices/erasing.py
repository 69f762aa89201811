"""The shell of erasing: what an erasure does to the leads of a slice, before all else in it."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from libs.common.erasing import ERASED, PERSON_ERASED, Erasure, erasure_in
from libs.common.events import Activity, Event, Touch
from services.routing.case import Case, Cause
from services.routing.leads.erase import erased, without
from services.routing.slices.answers import Answers
from services.routing.slices.docket import Docket
from services.routing.slices.joining import join
from services.routing.store.leads import Submission


def is_erasure(event: Event) -> bool:
    """Whether the event tells of one. Raises Reject where it cannot be read."""
    return erasure_in(event.data) is not None


def submissions_in(batch: Iterable[Event]) -> list[str | None]:
    """The submissions that erasures name: those that are gone, and those that are left."""
    found: list[str | None] = []
    for event in batch:
        erasure = erasure_in(event.data)
        if erasure:
            found += [event.data.submission_id, *(t.submission_id for t in erasure.touches)]
    return found


def persons_in(batch: Iterable[Event]) -> list[str]:
    """The persons that erasures name."""
    found = (erasure_in(event.data) for event in batch)
    return [person for erasure in found if erasure for person in erasure.persons]


def erase(docket: Docket, erasure: Erasure, answers: Answers) -> list[Event]:
    """Empty the leads of a person, or what they have of one submission."""
    data = answers.event.data
    if not isinstance(data, Activity) or not erasure.persons:
        return []
    cause = Cause(answers.event.id, docket.now, data.actor)
    if data.type == PERSON_ERASED:
        _person(docket, erasure, answers, cause)
    elif data.submission_id:
        _submission(docket, data.submission_id, erasure, answers, cause)
    return answers.events


def _person(docket: Docket, erasure: Erasure, answers: Answers, cause: Cause) -> None:
    for person_id in erasure.persons:
        docket.update_person(structs.replace(docket.row(person_id), erased=True))
        docket.changes.forgotten.add(person_id)
        for case in docket.leads_of(person_id):
            _empty(docket, case, answers, cause)


def _empty(docket: Docket, case: Case, answers: Answers, cause: Cause) -> None:
    if case.lead.erased_at is None:
        answers.add(erased(case, cause))
        docket.changes.erased[case.lead.id] = answers.place


def _submission(
    docket: Docket, submission_id: str, erasure: Erasure, answers: Answers, cause: Cause
) -> None:
    for retired in erasure.persons[1:]:
        join(docket, retired, erasure.persons[0], answers, cause)
    person = docket.person(erasure.persons[0])
    newest = erasure.person_version >= person.contact_version
    version = max(erasure.person_version, person.erased_version)
    docket.update_person(
        structs.replace(
            person,
            erased_version=version,
            contact_version=max(erasure.person_version, person.contact_version),
        )
    )
    seen = docket.submissions.get(submission_id)
    where = seen.lead_id if seen else None
    docket.update_submission(Submission(submission_id, where, ERASED, 0, docket.now))
    docket.waiting_for(submission_id)
    for case in docket.leads_of(person.id):
        left = _left(docket, case, erasure.touches)
        if case.lead.erased_at:
            continue
        if where == case.lead.id and not left:
            _empty(docket, case, answers, cause)
        elif newest or where == case.lead.id:
            contact = erasure.person if newest else case.lead.contact
            answers.add(without(case, submission_id, contact, left, cause))


def _left(docket: Docket, case: Case, touches: Iterable[Touch]) -> list[Touch]:
    """Of the person's touches those that are this lead's."""
    found = []
    for touch in touches:
        one = docket.submissions.get(touch.submission_id)
        if one is None or one.state == ERASED or one.lead_id is None:
            continue
        kept = docket.lead(one.lead_id)
        if one.lead_id == case.lead.id or (kept and kept.lead.id == case.lead.id):
            found.append(touch)
    return found
