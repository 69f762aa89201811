"""In which order waiting leads are served: hottest first, oldest first, and nobody starves.

A lead climbs one temperature with every working day that it waits. That is the same as to
serve by the moment at which it is, or would have become, hot: a moment that never moves back,
so that a lead can only be overtaken by those that come before it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from libs.common.working import Calendar

DAYS_TO_HOT: Final = {"hot": 0, "warm": 1, "cold": 2}
"""Working days of waiting until a lead counts as hot."""


class Turn(NamedTuple):
    """When a lead's turn comes: the lower is served first."""

    hot_at: datetime
    lead_id: str


def turn_of(lead_id: str, since: datetime, temperature: str, calendar: Calendar) -> Turn:
    """The turn of a lead that waits since then; `calendar`: the organisation's."""
    days = DAYS_TO_HOT.get(temperature, max(DAYS_TO_HOT.values()))
    return Turn(calendar.days_later(since, days) if days else since, lead_id)
