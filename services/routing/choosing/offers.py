"""To whom of those who wait a seat is offered now."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from services.routing.choosing.roster import Place, Roster

AGAIN_AFTER: Final = timedelta(seconds=5)
"""An offer that nobody has answered by then is made again."""
MOST: Final = 50
"""Offers at a time; those that follow upon them come when these are decided."""


def offers(roster: Roster) -> list[Place]:
    """The heads of the queue that have a free seat each, in order, and were not offered one yet.

    Also those that were last decided by another configuration: it may give them another team.
    """
    found = []
    for place, seat in roster.seats():
        is_due = place.offered_at is None or place.offered_at + AGAIN_AFTER <= roster.now
        if is_due and (seat or place.config_version != roster.plan.version):
            found.append(place)
            if len(found) == MOST:
                break
    return found
