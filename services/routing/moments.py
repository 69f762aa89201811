"""Moments as people say them, in the organisation's zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from persiantools.jdatetime import JalaliDate

from libs.common.events import Text
from libs.common.normal.text import persian

_UNITS: Final = (
    (timedelta(days=1), "روز", "day"),
    (timedelta(hours=1), "ساعت", "hour"),
    (timedelta(minutes=1), "دقیقه", "minute"),
)
_TO_JALALI: Final[Callable[[date], Any]] = JalaliDate.to_jalali


def jalali(moment: date) -> str:
    """The day in Persian: «یکشنبه ۱ آذر»."""
    day = _TO_JALALI(moment.date() if isinstance(moment, datetime) else moment)
    return f"{day.strftime('%A', locale='fa')} {persian(day.day)} {day.strftime('%B', locale='fa')}"


def lasting(length: timedelta) -> Text:
    """The two largest units: «۳ روز و ۲ ساعت», "3 days and 2 hours"; at least a minute."""
    left, fa, en = max(length, timedelta(minutes=1)), list[str](), list[str]()
    for unit, persian_name, name in _UNITS:
        count = left // unit
        left -= count * unit
        if count:
            fa.append(f"{persian(count)} {persian_name}")
            en.append(f"{count} {name}{'' if count == 1 else 's'}")
        elif fa:
            break
    return Text(" و ".join(fa[:2]), " and ".join(en[:2]))


def since(moment: datetime, now: datetime, zone: tzinfo) -> Text:
    """«from 10:24 on», with the day where that was not today."""
    then, today = moment.astimezone(zone), now.astimezone(zone).date()
    time = f"{then:%H:%M}"
    if then.date() == today:
        return Text(f"از ساعت {persian(time)}", f"since {time}")
    return Text(
        f"از {jalali(then)} ساعت {persian(time)}", f"since {time} on {then:%A} {then.day} {then:%B}"
    )


def with_whom(name: str, given: datetime, now: datetime, zone: tzinfo) -> Text:
    """The clause that says who has a lead, and since when."""
    when = since(given, now, zone)
    return Text(f"{name} {when.fa} این سرنخ را دارد", f"{name} has had it {when.en}")
