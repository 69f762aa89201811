"""How a person's leads ended, by what staff did, and what has happened since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from services.scoring.fact import Fact

_ENDS: Final = {"staff.won": "won", "staff.lost": "lost"}


class Closings(NamedTuple):
    """Leads won, the last lead that was closed, and the story before and after that."""

    wins: int
    last: str | None
    """"won" or "lost"; None while no lead is closed."""
    before: Sequence[Fact]
    since: Sequence[Fact]


def closings(story: Sequence[Fact]) -> Closings:
    """The closings in force: each lead's last word counts, and a reopened lead has none."""
    ends: dict[str, tuple[int, str]] = {}
    for place, fact in enumerate(story):
        activity = fact.fields.get("activity", {})
        lead = str(activity.get("lead_id") or fact.id)
        kind = activity.get("type") if fact.kind == "staff" else None
        if kind in _ENDS:
            ends[lead] = (place, _ENDS[kind])
        elif kind == "staff.reopened":
            ends.pop(lead, None)
    place, last = max(ends.values(), default=(-1, None))
    wins = sum(end == "won" for _, end in ends.values())
    return Closings(wins, last, story[: place + 1], story[place + 1 :])
