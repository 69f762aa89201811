"""The shell of a merge: the leads of a person who turned out to be another."""

from __future__ import annotations

from typing import Any

import msgspec

from services.routing.case import Case, Cause
from services.routing.choosing.wait import inherit, is_waiting
from services.routing.leads.merge import adopt, merge
from services.routing.slices.answers import Answers
from services.routing.slices.docket import Docket


def join(docket: Docket, retired: str, survivor: str, answers: Answers, cause: Cause) -> None:
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
