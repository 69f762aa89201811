"""Staff's actions that are read before their lead, as after a restored backup: they wait for it.

Timers do not: a lead that is made again plans its own, with events of their own.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

import msgspec

from libs.common.events import Activity, Event
from services.routing.acting.act import ACTIONS

LONGEST_WAIT: Final = timedelta(days=30)
"""As long as the journal is kept: what is older can meet its lead no more."""


class Ahead(msgspec.Struct, frozen=True):
    """An action that waits for the lead that it is about."""

    event_id: str
    person_id: str
    lead_id: str
    activity: Activity


def ahead_of(event: Event, activity: Activity, now: datetime) -> Ahead | None:
    """The action as it waits for its lead; None where there is nothing to wait for."""
    person_id, lead_id = _uuid(activity.person_id), _uuid(activity.lead_id)
    if activity.type not in ACTIONS or person_id is None or lead_id is None:
        return None
    if event.time < now - LONGEST_WAIT:
        return None
    return Ahead(event.id, person_id, lead_id, activity)


def _uuid(value: str | None) -> str | None:
    try:
        return str(uuid.UUID(value))
    except (TypeError, ValueError, AttributeError):
        return None
