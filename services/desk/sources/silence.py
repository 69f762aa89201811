"""Whether a source has gone quiet, by its own habit: pure, and honest about what it knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

LOOKED_AT: Final = 200
"""Arrivals of each source, the newest, that its habit is read from."""
ENOUGH: Final = 10
"""With fewer arrivals nothing is said: there is no habit yet."""
AT_LEAST: Final = timedelta(hours=36)
"""A Friday and the nights around it make nobody suspicious."""


class Habit(NamedTuple):
    """How often a source usually speaks, and whether it is quiet for longer than ever."""

    usual: timedelta | None
    """The middle one of the pauses between its arrivals."""
    longest: timedelta | None
    is_silent: bool


def habit(arrivals: Sequence[datetime], now: datetime) -> Habit:
    """Silent: longer than the longest pause between its last arrivals, and than `AT_LEAST`."""
    pauses = sorted(later - earlier for earlier, later in pairwise(sorted(arrivals)))
    if len(arrivals) < ENOUGH:
        return Habit(None, None, is_silent=False)
    quiet_for = now - max(arrivals)
    return Habit(
        usual=pauses[len(pauses) // 2],
        longest=pauses[-1],
        is_silent=quiet_for > max(pauses[-1], AT_LEAST),
    )
