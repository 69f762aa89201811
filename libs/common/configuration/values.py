"""Durations, rates and days as people write them in the file."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final, NamedTuple

from persiantools.jdatetime import JalaliDate

_UNITS: Final = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
LONGEST: Final = timedelta(days=1000 * 365)
"""From now on and back as long, a calendar has every moment."""
_DURATION: Final = re.compile(r"(\d{1,6})(s|m|h|d|w|y)", re.ASCII)
_RATE: Final = re.compile(r"(\d{1,9})/(s|min|h)", re.ASCII)
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_JALALI_BELOW: Final = 1700
"""No Gregorian year of ours is lower and no Jalali one higher."""


class Rate(NamedTuple):
    """So many within so many seconds."""

    most: int
    seconds: float


def duration(text: str) -> timedelta:
    """`90s`, `10m`, `2h`, `14d`, `3w`, `5y` (a year is 365 days). Raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError("duration")
    return int(found[1]) * _UNITS[found[2]]


def rate(text: str) -> Rate | None:
    """`120/min`, `5/s`, `1000/h`, or `off` (None). Raises ValueError."""
    if text == "off":
        return None
    found = _RATE.fullmatch(text.strip())
    if found is None:
        raise ValueError("rate")
    return Rate(int(found[1]), {"s": 1.0, "min": 60.0, "h": 3600.0}[found[2]])


def day(value: date | str) -> date:
    """A Gregorian day, from a Gregorian or a Jalali one (`1406-01-01`). Raises ValueError."""
    if isinstance(value, date):
        value = value.isoformat()
    found = _DAY.fullmatch(value.strip())
    if found is None:
        raise ValueError("day")
    year, month, number = (int(part) for part in found.groups())
    if year < _JALALI_BELOW:
        jalali = JalaliDate(year, month, number)  # type: ignore[no-untyped-call] # has no types
        return date.fromordinal(jalali.to_gregorian().toordinal())
    return date(year, month, number)
