"""What a touch does: opens a lead, or joins the one that is open (delivery rule 17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from libs.common.events import Lead, LeadScored, SubmissionEnriched, Text, Touch, derived_id
from services.routing.case import Case, Cause, Notice, Step
from services.routing.choosing.assign import assign
from services.routing.choosing.roster import Roster
from services.routing.choosing.wait import settled
from services.routing.leads.listing import LISTED, list_of

TOLD_AGAIN_AFTER: Final = timedelta(hours=24)


class Arrival(NamedTuple):
    """A scored submission of a person, seen by routing."""

    scored: LeadScored
    enriched: SubmissionEnriched
    person_id: str
    """Who it is now: the survivor, where the event still names a retired person."""
    has_newest_score: bool
    """Whether its score is the newest known of the person (delivery rule 11)."""
    has_newest_contact: bool
    """The same for the person's contact, which has versions of its own."""
    round: int
    knows_erased: bool = False
    """Whether its person is told of as known before something of theirs was erased."""


def open_lead(
    arrival: Arrival, past: Case | None, roster: Roster, cause: Cause
) -> tuple[Step, Roster]:
    """A new lead, given to somebody or waiting; `past`: the person's latest closed lead."""
    lead = _new_lead(arrival, cause)
    former = past.owner if past else None
    enriched = arrival.enriched
    case = Case(
        lead=lead,
        opening=enriched.submission_id,
        round=arrival.round,
        listed=list_of(enriched),
    )
    step, roster = settled(case, assign(lead, former, roster, cause), cause)
    opened = cause.change("opened", _opened(past), submission_id=case.opening)
    return Step(step.case, (opened, *step.changes), step.notices), roster


def _new_lead(arrival: Arrival, cause: Cause) -> Lead:
    scored, enriched = arrival.scored, arrival.enriched
    return Lead(
        id=derived_id("lead", arrival.person_id, enriched.submission_id),
        person_id=arrival.person_id,
        version=0,
        state="open",
        stage=scored.stage,
        temperature=scored.temperature,
        contact=enriched.contact if arrival.knows_erased else enriched.person,
        score=scored.score,
        page=enriched.touch.attribution.page,
        source=enriched.touch.source,
        first_touch=enriched.touch,
        last_touch=enriched.touch,
        touch_count=1,
        opened_at=cause.now,
        changed_at=cause.now,
    )


def _opened(past: Case | None) -> Text:
    if past is None:
        return Text("سرنخ تازه‌ای باز شد", "A new lead was opened")
    if past.lead.state == "won":
        return Text("مشتری پیشین دوباره آمد؛ سرنخ تازه‌ای باز شد", "A customer is back: a new lead")
    return Text("پس از بسته‌شدن سرنخ پیشین دوباره آمد", "Back after the lead before was closed")


def touch_lead(case: Case, arrival: Arrival, cause: Cause) -> Step:
    """The touch joins the open lead; its owner hears of it after a day of silence.

    Of a row of a list nobody hears: who stands in one has not come back. The first who does
    anything after only standing in one is heard of at once: nobody was told of them alone.
    """
    lead, touch = case.lead, arrival.enriched.touch
    is_row = touch.kind == LISTED
    is_awake = case.listed is not None and not is_row
    earliest, latest = first_and_last((lead.first_touch, lead.last_touch, touch))
    case = case.evolved(
        cause.now,
        first_touch=earliest,
        last_touch=latest,
        touch_count=lead.touch_count + 1,
        **_news(arrival),
    ).remembering(listed=case.listed if is_row else None)
    is_late = touch.at - lead.last_touch.at > TOLD_AGAIN_AFTER and not is_row
    change = cause.change(
        "touched", _came_back(touch), submission_id=arrival.enriched.submission_id
    )
    told = (is_late or is_awake) and lead.assignment
    notices = (_told_again(case, arrival, is_first=is_awake),) if told else ()
    return Step(case, (change,), notices)


def rescore(case: Case, scored: LeadScored, cause: Cause) -> Step:
    """The score, stage and temperature that an activity has led to."""
    lead = case.lead
    changes = []
    if (scored.stage, scored.temperature) != (lead.stage, lead.temperature):
        changes.append(
            cause.change(
                "rescored",
                scored.stage_reason or Text("امتیاز سرنخ تغییر کرد", "The score has changed"),
                stage=scored.stage,
                temperature=scored.temperature,
                total=scored.score.total,
            )
        )
    evolved = case.evolved(
        cause.now, score=scored.score, stage=scored.stage, temperature=scored.temperature
    )
    return Step(evolved, tuple(changes))


def _news(arrival: Arrival) -> dict[str, object]:
    scored = arrival.scored
    news: dict[str, object] = {}
    if arrival.has_newest_score:
        news |= {
            "score": scored.score,
            "stage": scored.stage,
            "temperature": scored.temperature,
        }
    if arrival.has_newest_contact:
        news["contact"] = arrival.enriched.person
    return news


def _told_again(case: Case, arrival: Arrival, *, is_first: bool) -> Notice:
    """Where it is the first word of them alone and nobody hears it, others are told."""
    return Notice(
        recipient=case.owner or "",
        kind="touched",
        why=_came_back(arrival.enriched.touch),
        step=case.lead.version,
        submission_id=arrival.enriched.submission_id,
        settles=is_first,
    )


def _came_back(touch: Touch) -> Text:
    if touch.kind == LISTED:
        return Text(f"در فهرست {touch.source} هم بود", f"Stood in the list {touch.source} too")
    page = touch.attribution.page
    if page is None:
        return Text("دوباره سراغ ما آمد", "Got in touch again")
    return Text(f"دوباره سراغ ما آمد، از صفحهٔ {page}", f"Got in touch again, from {page}")


def first_and_last(touches: Sequence[Touch]) -> tuple[Touch, Touch]:
    """Touches commute: in whatever order they come in, the earliest is the first (rule 3)."""
    ordered = sorted(touches, key=lambda one: (one.at, one.submission_id, one.message or ""))
    return ordered[0], ordered[-1]
