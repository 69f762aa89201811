"""A later message whose conversation's submission does not come: after a while it begins alone.

The first message may have died on its way, and whoever writes again reaches somebody all the same.
Sent again later, the first one joins their lead (docs/decisions/0020-conversations.md).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from libs.common.events import Activity, Event, as_id, derived_id
from services.routing.acting.sla import Timer
from services.routing.leads.resend import Resend

OVERDUE: Final = "timer.message_overdue"
PATIENCE: Final = timedelta(minutes=5)
"""A submission that goes its way is here within seconds. After a longer outage the messages that
were read before theirs begin by themselves: more touches of the same lead, and no lead more."""


class Overdue(NamedTuple):
    """What the timer says: which resend has waited, and for what."""

    resend: str
    """Its event."""
    submission_id: str
    person_id: str


def timer_id(resend: Resend) -> str:
    """The timer of one that waits."""
    return derived_id(OVERDUE, resend.event_id)


def deadline_of(resend: Resend, now: datetime) -> Timer:
    """Until when it waits, where it is what somebody wrote."""
    due_at = now + PATIENCE
    activity = Activity(
        activity_id=derived_id(timer_id(resend), due_at.isoformat()),
        type=OVERDUE,
        at=due_at,
        person_id=resend.person_id,
        submission_id=resend.submission_id,
        data={"resend": resend.event_id},
    )
    event = Event(activity.activity_id, resend.person_id, due_at, activity)
    return Timer(timer_id(resend), due_at, event)


def overdue_in(event: Event) -> Overdue | None:
    """What such a timer says; None for any other event."""
    data = event.data
    if not isinstance(data, Activity) or data.type != OVERDUE:
        return None
    ids = (str(data.data.get("resend")), data.submission_id or "", data.person_id or "")
    try:
        return Overdue(*map(as_id, ids))
    except ValueError:
        return None
