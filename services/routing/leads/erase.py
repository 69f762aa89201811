"""What is left of a lead when its person, or something that they sent, is erased. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.erasing import bare, emptied
from libs.common.events import Contact, Text, Touch
from services.routing.case import Case, Cause, Step
from services.routing.leads.join import first_and_last

_ALL: Final = Text(
    "هرچه از این شخص داشتیم پاک شد؛ این سرنخ بسته است",
    "All that we had of this person was erased; this lead is closed",
)
_SOME: Final = Text(
    "یکی از تماس‌های این شخص پس گرفته و پاک شد",
    "One of this person's touches was taken back and erased",
)


def erased(case: Case, cause: Cause) -> Step:
    """The lead of which nothing is left."""
    bare_case = case.remembering(lead=emptied(case.lead, cause.now), passed=(), sent_to=None)
    return Step(bare_case.evolved(cause.now), (cause.change("erased", _ALL),))


def without(
    case: Case, submission_id: str, contact: Contact, left: Sequence[Touch], cause: Cause
) -> Step:
    """The lead without one of its person's submissions; `left` are touches of its own."""
    lead = case.lead
    theirs = [lead.first_touch, lead.last_touch]
    known = [touch for touch in theirs if touch.submission_id != submission_id]
    gone = [bare(touch) for touch in theirs if touch.submission_id == submission_id]
    earliest, latest = first_and_last([*left, *known] or gone)
    after = case.evolved(
        cause.now,
        contact=contact,
        first_touch=earliest,
        last_touch=latest,
        touch_count=max(1, lead.touch_count - len({touch.submission_id for touch in gone})),
    )
    changes = (cause.change("withdrawn", _SOME),) if gone else ()
    return Step(after, changes)
