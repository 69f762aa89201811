"""Sources that speak in a rhythm, and when it is noticed that they have stopped."""

from __future__ import annotations

import bisect
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from libs.common.working import Calendar
from services.desk.sources.silence import Habit, habit

TEHRAN = Calendar(ZoneInfo("Asia/Tehran"))
MONDAY = datetime(2026, 8, 2, 20, 30, tzinfo=UTC)
"""Midnight in Tehran."""
MINUTE, HOUR, DAY, WEEK = (timedelta(**{name: 1}) for name in ("minutes", "hours", "days", "weeks"))
SAT, SUN, MON, TUE, WED, THU, FRI = 5, 6, 0, 1, 2, 3, 4
ALL = frozenset(range(7))
OFFICE = ALL - {THU, FRI}
Rate = Callable[[datetime], float]
"""Arrivals an hour, by the time in Tehran."""


def regular(
    every: timedelta, opens: int, closes: int, days: frozenset[int], weeks: int
) -> list[datetime]:
    """In those hours of those days at even distances, and else never."""
    found = []
    for day in range(weeks * 7):
        at = MONDAY + day * DAY + opens * HOUR
        while day % 7 in days and at < MONDAY + day * DAY + closes * HOUR:
            found.append(at)
            at += every
    return found


def chance(rate: Rate, weeks: int, seed: int) -> Iterator[datetime]:
    """As people come: each by themselves, so many an hour on the average, reckoned by minutes."""
    dice = random.Random(seed)  # noqa: S311 - a rhythm, no secret
    for minute in range(weeks * 7 * 24 * 60):
        at = MONDAY + minute * MINUTE
        if dice.random() < rate(at.astimezone(TEHRAN.zone)) / 60:
            yield at


def spaced(arrivals: Sequence[datetime]) -> list[datetime]:
    """Those that a habit is read from: a quarter of an hour apart, of the last four weeks."""
    found = [arrivals[-1]]
    for one in reversed(arrivals):
        if one <= found[-1] - 15 * MINUTE and (len(found) < 200 or one > arrivals[-1] - 4 * WEEK):
            found.append(one)
    return found


def habit_of(arrivals: Sequence[datetime], calendar: Calendar = TEHRAN) -> Habit:
    found = habit(spaced(arrivals), calendar)
    assert found
    return found


def noticed(arrivals: Sequence[datetime], calendar: Calendar = TEHRAN) -> timedelta | None:
    """How long after its last arrival it is called silent, to ten minutes; None: not in 90 days."""
    found, newest = habit_of(arrivals, calendar), arrivals[-1]

    def is_silent(step: int) -> bool:
        return found.is_silent(newest, step * 10 * MINUTE, newest + step * 10 * MINUTE)

    step = bisect.bisect_left(range(90 * 24 * 6), x=True, key=is_silent)
    return step * 10 * MINUTE if is_silent(step) else None


def false_alarms(arrivals: Sequence[datetime], since: datetime) -> int:
    """How many pauses between its arrivals would have been called silences."""
    return sum(
        habit_of(arrivals[: place + 1]).is_silent(arrivals[place], later - arrivals[place], later)
        for place, later in enumerate(arrivals[1:])
        if arrivals[place] > since and later - arrivals[place] > HOUR
    )


def last_at(arrivals: Sequence[datetime], weekday: int, hour: int) -> list[datetime]:
    """Until its last arrival on such a day in such an hour."""
    for place in reversed(range(len(arrivals))):
        local = arrivals[place].astimezone(TEHRAN.zone)
        if (local.weekday(), local.hour) == (weekday, hour):
            return list(arrivals[: place + 1])
    raise AssertionError((weekday, hour))
