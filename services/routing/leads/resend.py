"""A platform's changed resend: a touch of the lead that its submission led to (rule 1).

The submission stays what it is, and nobody is given the lead anew.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from libs.common.events import Activity, Contact, Event, Text, Touch, derived_id
from services.routing.case import Case, Cause, Notice, Step
from services.routing.leads.join import TOLD_AGAIN_AFTER, first_and_last

RESENT: Final = "submission.resent"
_TEXT: Final = Text(
    "سکو همین سرنخ را با پاسخ‌های تازه دوباره فرستاد",
    "The platform sent this lead again with new answers",
)


_ADDED: Final = Text(
    "پاسخ‌های تازهٔ سکو به این سرنخ افزوده شد",
    "The platform's new answers were added to this lead",
)


_WROTE: Final = Text("در همین گفت‌وگو باز هم پیام داد", "Wrote again in the same chat")
_JOINED: Final = Text("این پیام به همین سرنخ افزوده شد", "The message was added to this lead")
ANEW: Final = "submission.anew"
"""The word to enrichment that a message is a submission of its own (decision 0020)."""
_NAMED: Final = Text("سکو نام فرستنده را گفت", "The platform told the sender's name")


class Resend(msgspec.Struct, frozen=True):
    """New answers under an old submission id, and its person as known with them."""

    event_id: str
    person_id: str
    touch: Touch
    person: Contact = Contact()
    person_version: int = -1
    """Older than any, where it says nothing of the person."""
    supplement: bool = False
    """The name of whoever sent it, or a scan: nobody came again."""
    scanned: bool = False
    """Whether all that it says is by which scan the touch came."""
    message: str | None = None
    """Of a message in a conversation: the id that it has as a submission of its own."""
    of: str | None = None
    """Of a scan: the event that tells of the touch that came by it, where that is another's than
    the submission's own; a build before does not say."""

    @property
    def submission_id(self) -> str:
        """The submission that was sent again."""
        return self.touch.submission_id

    @property
    def is_written(self) -> bool:
        """Whether somebody wrote in a chat, and nothing else is told of what they wrote before."""
        return self.message is not None and not self.supplement


def resend_of(event: Event) -> Resend | None:
    """The resend in an activity of that type; None where it tells of no touch of a person."""
    data = event.data
    if not isinstance(data, Activity) or data.type != RESENT:
        return None
    try:
        found = msgspec.convert(
            {**data.data, "event_id": event.id, "person_id": data.person_id}, Resend
        )
    except msgspec.ValidationError:
        return None
    is_whole = found.scanned or "person" in data.data
    return found if is_whole and found.submission_id == data.submission_id else None


def anew(resend: Resend, now: datetime, *, has_waited: bool = False) -> Event:
    """Somebody wrote when their lead was closed: what they wrote begins as any submission does.

    `has_waited`: there is no lead, as what they wrote before has not come.
    """
    identity = derived_id(ANEW, resend.event_id)
    data = Activity(
        activity_id=identity,
        type=ANEW,
        at=now,
        person_id=resend.person_id,
        submission_id=resend.submission_id,
        data={"message": resend.message} | ({"waited": True} if has_waited else {}),
    )
    return Event(identity, resend.person_id, now, data, source="/sarnakh/routing")


def touch_again(case: Case, resend: Resend, cause: Cause, *, newest: bool) -> Step:
    """The resend joins the lead; its owner hears of it after a day of silence."""
    lead, touch = case.lead, resend.touch
    if resend.supplement:
        return _named(case, resend, cause, newest=newest)
    earliest, latest = first_and_last((lead.first_touch, lead.last_touch, touch))
    again = touch.at - lead.last_touch.at > TOLD_AGAIN_AFTER
    case = case.evolved(
        cause.now,
        first_touch=earliest,
        last_touch=latest,
        touch_count=lead.touch_count + 1,
        contact=resend.person if newest else lead.contact,
    )
    change = cause.change(
        "touched", _JOINED if resend.message else _ADDED, submission_id=resend.submission_id
    )
    notice = Notice(
        recipient=case.owner or "",
        kind="touched",
        why=_WROTE if resend.message else _TEXT,
        step=case.lead.version,
        submission_id=resend.submission_id,
    )
    told = again and lead.state == "open" and lead.assignment
    return Step(case, (change,), (notice,) if told else ())


def _named(case: Case, resend: Resend, cause: Cause, *, newest: bool) -> Step:
    """The lead with the name, which is no touch; its messages follow it."""
    case = case.evolved(cause.now, contact=resend.person if newest else case.lead.contact)
    change = cause.change("named", _NAMED, submission_id=resend.submission_id)
    return Step(case, (change,))
