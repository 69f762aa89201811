"""Whether a source has gone quiet, by its own habit: pure, and honest about what it knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from libs.common.working import Calendar
from services.desk.sources.rhythm import KNOWN_AFTER, Rhythm, rhythm_of

ENOUGH: Final = 10
"""With fewer arrivals nothing is said: there is no habit yet."""
AT_LEAST: Final = timedelta(hours=1)
"""However often a source speaks, a shorter pause makes nobody suspicious."""
AT_LEAST_YOUNG: Final = timedelta(hours=36)
"""The same while its week is not known: a Friday and the nights around it are nothing unusual."""
PATIENCE: Final = 1.75
PATIENCE_OF_FEW: Final = 10.0
"""So many times the usual pause it may be quiet; of n pauses, by `PATIENCE_OF_FEW` / n more."""
OUTAGE_IN: Final = 600
"""Of so many pauses the longest may have been an outage, and says nothing of what is usual; of
fewer it is one all the same."""


class Habit(NamedTuple):
    """When a source usually speaks; pauses are measured in arrivals that were to be expected."""

    rhythm: Rhythm
    at_most: float
    """The longest usual pause."""
    limit: float
    """A longer one is a silence, where it also lasts for longer than `at_least`."""
    at_least: timedelta

    def is_silent(self, newest_at: datetime, listened: timedelta, now: datetime) -> bool:
        """Whether so much of the time since its newest arrival is too long.

        Which hours of it were listened through is not known: what counts is the first so many, or
        the last, whichever are the quieter.
        """
        expected = self.rhythm.expected
        heard_in = ((newest_at, newest_at + listened), (now - listened, now))
        return listened > self.at_least and all(expected(*one) > self.limit for one in heard_in)

    def usual_until(self, newest_at: datetime, now: datetime) -> timedelta:
        """How long a pause that begins then usually lasts at most, by the clock."""
        return self.rhythm.reached(newest_at, now, self.at_most) - newest_at


def habit(arrivals: Sequence[datetime], calendar: Calendar) -> Habit | None:
    """From its arrivals, none just after another; None with fewer than `ENOUGH`."""
    if len(arrivals) < ENOUGH:
        return None
    ordered = sorted(arrivals)
    rhythm = rhythm_of(ordered, calendar)
    pauses = sorted(rhythm.expected(*one) for one in pairwise(ordered))
    at_most = pauses[-1 - max(1, len(pauses) // OUTAGE_IN)]
    patience = PATIENCE + PATIENCE_OF_FEW / len(pauses)
    is_young = ordered[-1] - ordered[0] < KNOWN_AFTER
    return Habit(rhythm, at_most, at_most * patience, AT_LEAST_YOUNG if is_young else AT_LEAST)


def usual_pause(arrivals: Sequence[datetime]) -> timedelta | None:
    """The middle one of the pauses between its newest arrivals; None with fewer than `ENOUGH`."""
    if len(arrivals) < ENOUGH:
        return None
    pauses = sorted(later - earlier for earlier, later in pairwise(sorted(arrivals)))
    return pauses[len(pauses) // 2]
