"""Two persons turned out to be one: their leads become the survivor's (delivery rule 15)."""

from __future__ import annotations

from collections.abc import Sequence

from libs.common.events import Text, Touch
from services.routing.case import Case, Cause, Notice, Step
from services.routing.choosing.wait import is_waiting
from services.routing.leads.join import first_and_last

_SAME = Text("معلوم شد هر دو سرنخ از یک نفر است", "both leads turned out to be one person's")


def adopt(case: Case, person_id: str, cause: Cause) -> Step:
    """The lead of a retired person, under the survivor's id."""
    text = Text(
        "معلوم شد صاحب این سرنخ را از پیش می‌شناختیم",
        "The person behind this lead turned out to be known already",
    )
    return Step(case.evolved(cause.now, person_id=person_id), (cause.change("moved", text),))


def merge(first: Case, second: Case, cause: Cause) -> tuple[Step, Step]:
    """Of two open leads of one person the older stays and the other is closed into it.

    The closed one's specialist is told why, or gets the kept one, where that still waits.
    Gives the kept one, then the closed one.
    """
    kept, closed = sorted((first, second), key=lambda c: (c.lead.opened_at, c.lead.id))
    touches: Sequence[Touch] = (
        kept.lead.first_touch,
        kept.lead.last_touch,
        closed.lead.first_touch,
        closed.lead.last_touch,
    )
    earliest, latest = first_and_last(touches)
    stays = kept.evolved(
        cause.now,
        first_touch=earliest,
        last_touch=latest,
        touch_count=kept.lead.touch_count + closed.lead.touch_count,
    ).remembering(listed=kept.listed if closed.listed else None)
    joined = Text("سرنخ دیگری از همین شخص به این سرنخ پیوست", "Another lead of this person joined")
    ends = closed.evolved(
        cause.now,
        state="lost",
        lost_reason="merged",
        closed_at=cause.now,
        merged_into=kept.lead.id,
        waiting=None,
    )
    into = Text(
        f"این سرنخ به سرنخ پیشین پیوست: {_SAME.fa}", f"Joined to the older lead: {_SAME.en}"
    )
    return (
        Step(
            stays,
            (cause.change("joined", joined, lead_id=closed.lead.id),),
            (_alive(stays, closed),) if kept.listed and not closed.listed and kept.owner else (),
        ),
        Step(
            ends,
            (cause.change("merged", into, merged_into=kept.lead.id),),
            (_told(closed),) if closed.owner and not is_waiting(kept) else (),
        ),
    )


def _alive(stays: Case, closed: Case) -> Notice:
    """Who only stood in a list has come by themselves as well: told as their first touch is."""
    return Notice(
        recipient=stays.owner or "",
        kind="touched",
        why=Text(f"چون {_SAME.fa}", f"because {_SAME.en}"),
        step=stays.lead.version,
        submission_id=closed.opening,
        settles=True,
    )


def _told(closed: Case) -> Notice:
    return Notice(
        recipient=closed.owner or "",
        kind="merged",
        why=Text(f"چون {_SAME.fa}", f"because {_SAME.en}"),
        submission_id=closed.opening,
    )
