"""A lead that nobody can be given now: it waits in the queue, is asked again, and leaves it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from libs.common.events import Activity, Change, Event, Text, derived_id
from services.routing import words
from services.routing.case import Case, Cause, Notice, Step
from services.routing.choosing.assign import Given, Waits, Wanted, assign, give_to, pass_on
from services.routing.choosing.distribute import Seeker
from services.routing.choosing.roster import Place, Roster
from services.routing.choosing.route import Route
from services.routing.choosing.turn import turn_of

SEAT_FREE = "timer.seat_free"


def is_waiting(case: Case) -> bool:
    """Whether a lead has a place in the queue."""
    return case.lead.state == "open" and case.lead.waiting is not None


def place_of(case: Case, roster: Roster) -> Place | None:
    """A lead's place in the queue, as it is now."""
    lead = case.lead
    if lead.state != "open" or lead.waiting is None:
        return None
    since = lead.waiting.since
    turn = turn_of(lead.id, since, lead.temperature, roster.plan.calendar)
    return Place(turn, lead.waiting.team, lead.person_id, since, case.weighed)


def kept_waiting(case: Case, found: Waits, cause: Cause) -> tuple[Case, Change]:
    """The lead with its place in the queue, and the line of its timeline that says why."""
    waiting, plan = found.waiting, found.roster.plan
    after = case.evolved(cause.now, waiting=waiting).remembering(weighed=plan.version)
    change = cause.change(
        "waiting",
        words.waits(waiting.why),
        reason=waiting.reason,
        team=waiting.team,
        until=waiting.until.isoformat() if waiting.until else None,
        skipped=[{"specialist": s.specialist, "reason": s.reason.en} for s in found.skipped],
        config_version=plan.version,
    )
    return after, change


def given_away(case: Case, given: Given, cause: Cause) -> tuple[Case, Change]:
    """The lead in the hands of a specialist, and the line that says why and after what wait."""
    assignment, waiting = given.assignment, case.lead.waiting
    after = case.evolved(
        cause.now, assignment=assignment, accepted_at=None, snoozed_until=None, waiting=None
    )
    text = words.given_to(given.roster.plan.name_of(assignment.specialist), assignment.why)
    data: dict[str, Any] = {"team": assignment.team, "specialist": assignment.specialist}
    if waiting:
        wait = max(cause.now - waiting.since, timedelta(0))
        said = words.waited(wait.total_seconds())
        text = Text(f"{text.fa}، {said.fa}", f"{text.en}, {said.en}")
        data["waited_seconds"] = int(wait.total_seconds())
    return after, cause.change("assigned", text, **data)


def assigned_notice(case: Case) -> Notice:
    """Tells the owner of a new assignment; the opening submission ends when it is sent."""
    assignment = case.lead.assignment
    if assignment is None:
        raise ValueError("no assignment")
    return Notice(
        recipient=assignment.specialist,
        kind="assigned",
        why=assignment.why,
        submission_id=case.opening,
        settles=True,
        listed=case.listed,
    )


def settled(case: Case, found: Given | Waits, cause: Cause) -> tuple[Step, Roster]:
    """The step of a lead that was given away, or waits."""
    if isinstance(found, Waits):
        after, change = kept_waiting(case, found, cause)
        return Step(after, (change,)), found.roster
    after, change = given_away(case, found, cause)
    return Step(after, (change,), (assigned_notice(after),)), found.roster


def admit(
    case: Case, former: str | None, roster: Roster, cause: Cause
) -> tuple[Step | None, Roster]:
    """A seat may be free: the lead gets it, or waits on with its place kept.

    No step where it does not wait any more, or where nothing about its waiting has changed.
    """
    before = case.lead.waiting
    if case.lead.state != "open" or before is None:
        return None, roster
    if case.sent_to in roster.plan.teams:
        seeker = Seeker(case.lead.contact.language)
        sent = Route(case.sent_to or "", "staff", words.chosen_by_staff())
        found = pass_on(Wanted(case.lead, sent, seeker), roster, cause)
    else:
        found = assign(case.lead, former, roster, cause)
    if isinstance(found, Waits):
        now = found.waiting
        if (now.reason, now.team, now.until) == (before.reason, before.team, before.until):
            weighed = case.remembering(weighed=roster.plan.version)
            return (Step(weighed) if weighed != case else None), roster
    return settled(case, found, cause)


def inherit(case: Case, specialist: str, roster: Roster, cause: Cause) -> tuple[Step, Roster]:
    """A waiting lead goes to whoever has its person's other lead, which joins it."""
    waiting = case.lead.waiting
    team = roster.plan.team_of(specialist, waiting.team if waiting else None)
    key = team.key if team else roster.plan.content.routing.fallback
    wanted = Wanted(case.lead, Route(key, "merged", words.SAME_PERSON), Seeker())
    return settled(case, give_to(specialist, wanted, roster, cause), cause)


def offer(place: Place, roster: Roster) -> Event:
    """Says to a waiting lead that a seat may be free; decided when it is read (rule 18)."""
    lead_id, now = place.turn.lead_id, roster.now
    offer_id = derived_id(SEAT_FREE, lead_id, now.isoformat())
    activity = Activity(
        activity_id=offer_id,
        type=SEAT_FREE,
        at=now,
        person_id=place.person_id,
        lead_id=lead_id,
        data={"team": place.team},
    )
    return Event(offer_id, place.person_id, now, activity)
