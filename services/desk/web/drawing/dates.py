"""Moments as people read them: the organisation's zone, Jalali with Gregorian beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from libs.common.events import Text
from libs.common.normal.text import persian

_TO_JALALI: Final[Callable[[date], Any]] = JalaliDate.to_jalali
_JALALI: Final = range(623, 9999)
"""Gregorian years of which every day is a Jalali one to the library too."""
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_MONTHS_FA: Final = (
    "ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن",
    "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
)  # fmt: skip


class Left(NamedTuple):
    """How much of a deadline is left: its level (calm, half, fifth, late) and in words."""

    level: str
    text: str


LEFT: Final = {
    "calm": Text("{t} مانده", "{t} left"),
    "half": Text("فقط {t} مانده", "only {t} left"),
    "fifth": Text("عجله! {t} مانده", "hurry, {t} left"),
    "late": Text("{t} دیر شده", "late by {t}"),
    "moment": Text("کمتر از یک دقیقه", "under a minute"),
    "minutes": Text("{n} دقیقه", "{n} min"),
    "hours": Text("{n} ساعت", "{n} h"),
    "days": Text("{n} روز", "{n} d"),
    "failed": Text(
        "انجام نشد؛ صفحه را تازه کنید و دوباره بکوشید.",
        "Not done; reload the page and try again.",
    ),
}
"""The page's script ticks with the same words."""


class Clock:
    """One page's sense of time: its zone, its language and the moment at which it is made."""

    def __init__(self, zone: str, language: str, now: datetime) -> None:
        self._zone = ZoneInfo(zone)
        self._persian = language == "fa"
        self._now = now

    def local(self, at: str) -> datetime:
        """The moment in the organisation's zone."""
        return in_zone(at, self._zone)

    def ago(self, at: str) -> str:
        """How long ago, roughly; a date when it is more than a week."""
        passed = self._now - datetime.fromisoformat(at)
        if passed < _MINUTE:
            return "همین حالا" if self._persian else "just now"
        if passed < _HOUR:
            return self._count(passed // _MINUTE, "دقیقه پیش", "min ago")
        if passed < _DAY:
            return self._count(passed // _HOUR, "ساعت پیش", "h ago")
        if passed < _WEEK:
            return self._count(passed // _DAY, "روز پیش", "d ago")
        return self.short_day(at)

    def left(self, deadline: Mapping[str, str]) -> Left:
        """What is left of a lead's deadline at the moment of this page."""
        due = datetime.fromisoformat(deadline["due_at"])
        if self._now >= due:
            return self._left("late", self._now - due)
        level = "calm"
        for name, at in (("half", "half_at"), ("fifth", "last_fifth_at")):
            level = name if self._now >= datetime.fromisoformat(deadline[at]) else level
        return self._left(level, due - self._now)

    def _left(self, level: str, span: timedelta) -> Left:
        return Left(level, self._said(level, t=self.span(span)))

    def span(self, span: timedelta) -> str:
        """A length of time, roughly."""
        for name, unit in (("days", _DAY), ("hours", _HOUR), ("minutes", _MINUTE)):
            if span >= unit:
                return self._said(name, n=span // unit)
        return self._said("moment")

    def _said(self, name: str, **values: object) -> str:
        given = {key: persian(value) if self._persian else value for key, value in values.items()}
        return LEFT[name].of("fa" if self._persian else "en").format(**given)

    def seconds_to(self, at: str) -> int:
        """Whole seconds until the moment; 0 once it is past."""
        return max(0, math.ceil((datetime.fromisoformat(at) - self._now).total_seconds()))

    def _count(self, count: int, fa: str, en: str) -> str:
        return f"{persian(count)} {fa}" if self._persian else f"{count} {en}"

    def short_day(self, at: str) -> str:
        """The day without its weekday."""
        day = self.local(at).date()
        return _jalali(day) if self._persian else _gregorian(day)

    def day(self, at: str) -> str:
        """The day as a heading: today, yesterday, or its full name."""
        day, today = self.local(at).date(), self._now.astimezone(self._zone).date()
        named = {today: ("امروز، ", "Today, "), today - _DAY: ("دیروز، ", "Yesterday, ")}
        fa, en = named.get(day, ("", ""))
        return f"{fa if self._persian else en}{self.beside(day)}"

    def beside(self, day: date) -> str:
        """The day by name; in Persian, Jalali with Gregorian beside it."""
        if not self._persian:
            return f"{day:%A} {_gregorian(day)}"
        if day.year not in _JALALI:
            return _gregorian_fa(day)
        weekday = _TO_JALALI(day).strftime("%A", locale="fa")
        return f"{weekday} {_jalali(day)} ({_gregorian_fa(day)})"

    def soon(self, at: str) -> str:
        """The hour, with its day where that is not today: by name within a week."""
        day, today = self.local(at).date(), self._now.astimezone(self._zone).date()
        if day == today:
            return self.time(at)
        if day == today + _DAY:
            return f"{'فردا' if self._persian else 'tomorrow'} {self.time(at)}"
        if today < day < today + _WEEK:
            weekday = _TO_JALALI(day).strftime("%A", locale="fa")
            return f"{weekday if self._persian else f'{day:%A}'} {self.time(at)}"
        return f"{self.short_day(at)}{'،' if self._persian else ','} {self.time(at)}"

    def time(self, at: str) -> str:
        """Hours and minutes."""
        text = f"{self.local(at):%H:%M}"
        return persian(text) if self._persian else text

    def until(self, at: str) -> str:
        """When something ends: the time, with the day where it is not today."""
        if self.local(at).date() == self._now.astimezone(self._zone).date():
            return self.time(at)
        if self.local(at).time() == time():
            return self.short_day(at)
        return f"{self.short_day(at)}{'،' if self._persian else ','} {self.time(at)}"

    def full(self, at: str) -> str:
        """Everything, for whoever hovers or taps."""
        return f"{self.beside(self.local(at).date())} {self.time(at)}"


def in_zone(at: str, zone: ZoneInfo) -> datetime:
    """The moment there; one of the calendar's ends, which has no place there, as it is."""
    moment = datetime.fromisoformat(at)
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment.replace(tzinfo=zone)


def _jalali(day: date) -> str:
    if day.year not in _JALALI:
        return _gregorian_fa(day)
    jalali = _TO_JALALI(day)
    month = jalali.strftime("%B", locale="fa")
    return f"{persian(jalali.day)} {month} {persian(jalali.year)}"


def _gregorian_fa(day: date) -> str:
    return f"{persian(day.day)} {_MONTHS_FA[day.month - 1]} {persian(day.year)}"


def _gregorian(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
