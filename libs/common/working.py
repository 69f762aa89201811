"""Working time: when somebody is at work, and moments and spans counted in that time only."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from libs.common.configuration.schema import Organisation, Week
from libs.common.configuration.values import day as day_of

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NONE: Final = timedelta(0)
_DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Span(NamedTuple):
    """A stretch of work in UTC; its end is no longer part of it."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True, eq=False)
class Calendar:
    """Hours by weekday (Monday first) in a zone, less holidays; `hours` None: always open.

    All moments are aware; those that are given back are in UTC. A week must be open sometime.
    """

    zone: ZoneInfo
    hours: tuple[tuple[tuple[int, int], ...], ...] | None = None
    """Per weekday the ranges in minutes from midnight, in order."""
    holidays: frozenset[date] = frozenset()

    def day(self, at: datetime) -> date:
        """The day of the calendar's zone."""
        return at.astimezone(self.zone).date()

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is at work at that moment."""
        return self.hours is None or _opens(self, at) <= at

    def next_opening(self, at: datetime) -> datetime:
        """That moment if it is open, else the next opening."""
        at = at.astimezone(UTC)
        return at if self.hours is None else max(at, _opens(self, at))

    def add(self, at: datetime, span: timedelta) -> datetime:
        """The moment at which so much working time has passed since `at`.

        What fits exactly into a day ends at its closing time.
        """
        at = at.astimezone(UTC)
        if self.hours is None:
            return at + span
        for opens, closes in self.spans(at):
            since = max(at, opens)
            if span <= closes - since:
                return since + span
            span -= closes - since
        raise AssertionError("spans have no end")  # pragma: no cover - the iterator is endless

    def between(self, first: datetime, last: datetime) -> timedelta:
        """The working time from `first` to `last`; nothing when `last` comes before."""
        first, last = first.astimezone(UTC), last.astimezone(UTC)
        if self.hours is None or last <= first:
            return max(last - first, _NONE)
        worked = _NONE
        for opens, closes in self.spans(first):
            if opens >= last:
                break
            worked += min(closes, last) - max(opens, first)
        return worked

    def days_later(self, at: datetime, days: int) -> datetime:
        """The same time of day, so many working days later."""
        local = at.astimezone(self.zone)
        today = local.date()
        while days > 0:
            today += _DAY
            days -= self.hours is None or bool(self.spans_of(today))
        return _instant(self.zone, today, local.timetz().replace(tzinfo=None))

    def spans_of(self, day: date) -> tuple[Span, ...]:
        """The stretches of work that begin on a day of this zone; none on a holiday.

        A clock that is put forward or back in between makes them shorter or longer.
        """
        if self.hours is None or day in self.holidays:
            return ()
        return _spans_of(self.zone, day, self.hours[day.weekday()])

    def spans(self, at: datetime) -> Iterator[Span]:
        """The stretches that are not over at `at`, in order, without overlap or end."""
        at = at.astimezone(UTC)
        day = self.day(at) - 2 * _DAY  # a stretch to 24:00 may end late where clocks go back
        last = _EPOCH
        while True:
            for opens, closes in self.spans_of(day):
                since = max(opens, last)
                if since < closes:
                    last = closes
                    if closes > at:
                        yield Span(since, closes)
            day += _DAY


@lru_cache(maxsize=1024)
def _opens(calendar: Calendar, at: datetime) -> datetime:
    """When the stretch opens that is under way or next; a slice asks this often of one moment."""
    return next(calendar.spans(at)).opens


@lru_cache(maxsize=4096)
def _spans_of(zone: ZoneInfo, day: date, ranges: tuple[tuple[int, int], ...]) -> tuple[Span, ...]:
    found = (Span(_minute(zone, day, a), _minute(zone, day, b)) for a, b in ranges)
    return tuple(span for span in found if span.opens < span.closes)


def _minute(zone: ZoneInfo, day: date, minute: int) -> datetime:
    days, minute = divmod(minute, 24 * 60)
    return _instant(zone, day + days * _DAY, time(minute // 60, minute % 60))


def _instant(zone: ZoneInfo, day: date, at: time) -> datetime:
    """A local time in UTC: one that comes twice is the first, one that is skipped comes after."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def calendar_of(organisation: Organisation, own: Week | None = None) -> Calendar:
    """The organisation's calendar, or that of somebody with a week of their own.

    The organisation's holidays are everybody's.
    """
    week = own or organisation.working_week
    zone = ZoneInfo((week and week.time_zone) or organisation.time_zone)
    holidays = frozenset(day_of(holiday) for holiday in organisation.holidays)
    if week is None:
        return Calendar(zone)
    hours = tuple(ranges_of(getattr(week, name)) for name in _DAYS)
    return Calendar(zone, hours, holidays)


def ranges_of(texts: Collection[str]) -> tuple[tuple[int, int], ...]:
    """`09:00-13:00` as minutes from midnight, in order."""
    return tuple(
        sorted((_minutes(a), _minutes(b)) for a, _, b in (t.partition("-") for t in texts))
    )


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return 60 * int(hour) + int(minute)
