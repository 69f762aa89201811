"""How many arrivals of a source are usual in some hours: by night few, on a day off none. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from libs.common.working import Calendar

KNOWN_AFTER: Final = timedelta(weeks=2)
"""Of a source that is heard for a shorter time every hour counts the same: who has seen one Friday,
or none, knows nothing of Fridays."""
_HOUR: Final = timedelta(hours=1)
_WEEK: Final = timedelta(weeks=1)
_HOURS: Final = 7 * 24


class Rhythm(NamedTuple):
    """How many arrivals each hour of a week usually has, Monday's first hour first."""

    by_hour: tuple[float, ...]
    calendar: Calendar
    """The organisation's: its zone, and the holidays, in which nothing is expected."""

    def expected(self, since: datetime, until: datetime) -> float:
        """How many arrivals such a stretch usually has; 0 when `until` comes before."""
        return sum(rate * (end - start) / _HOUR for start, end, rate in self._hours(since, until))

    def reached(self, since: datetime, until: datetime, count: float) -> datetime:
        """When so many were to be expected since then; `until` where it is not before."""
        for start, end, rate in self._hours(since, until):
            here = rate * (end - start) / _HOUR
            if here > 0 and here >= count:
                return start + (end - start) * (count / here)
            count -= here
        return until

    def _hours(
        self, since: datetime, until: datetime
    ) -> Iterator[tuple[datetime, datetime, float]]:
        """The hours of the zone between them, the first and the last perhaps in part."""
        zone, off = self.calendar.zone, self.calendar.holidays
        while since < until:
            local = since.astimezone(zone)
            begun = timedelta(0, local.second, local.microsecond, 0, local.minute)
            end = min(since + _HOUR - begun, until)
            yield since, end, 0.0 if local.date() in off else self.by_hour[_place(local)]
            since = end


def rhythm_of(arrivals: Sequence[datetime], calendar: Calendar) -> Rhythm:
    """What its arrivals, in order, say of a week: one hour may count, and another not at all."""
    lasted = arrivals[-1] - arrivals[0]
    if lasted < KNOWN_AFTER:
        return Rhythm((1.0,) * _HOURS, calendar)
    counts = [0] * _HOURS
    for arrival in arrivals:
        counts[_place(arrival.astimezone(calendar.zone))] += 1
    weeks = lasted / _WEEK
    return Rhythm(tuple(count / weeks for count in counts), calendar)


def _place(local: datetime) -> int:
    return local.weekday() * 24 + local.hour
