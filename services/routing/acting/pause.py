"""Staff put a specialist aside for a while, and bring them back."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from libs.common.events import Activity
from services.routing.choosing.attendance import Pause

PAUSED: Final = "staff.paused"
RESUMED: Final = "staff.resumed"
PAUSES: Final = frozenset({PAUSED, RESUMED})
_LONGEST_KEY: Final = 64


class Decision(NamedTuple):
    """Whom it concerns; None: they are back."""

    specialist: str
    pause: Pause | None


def pause_of(activity: Activity) -> Decision | None:
    """The decision in an activity of PAUSES; None where it names nobody or a time that is none.

    `data`: `specialist`, and of a pause `until` (RFC 3339) where it ends by itself.
    """
    specialist, until = activity.data.get("specialist"), activity.data.get("until")
    if not isinstance(specialist, str) or not 0 < len(specialist) <= _LONGEST_KEY:
        return None
    if "\0" in specialist:
        return None
    if activity.type == RESUMED:
        return Decision(specialist, None)
    if until is None:
        return Decision(specialist, Pause(None))
    try:
        moment = datetime.fromisoformat(until)
    except (TypeError, ValueError):
        return None
    return Decision(specialist, Pause(moment)) if moment.tzinfo else None
