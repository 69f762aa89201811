"""Who is here now, and who has had their share: pure, for the board."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from libs.common.configuration.schema import Specialist, Team
from libs.common.configuration.values import day

_SATURDAY: Final = 5
_DAYS: Final = 7


class Pause(NamedTuple):
    """Somebody, or a source, is set aside; until further notice without an end."""

    since: datetime
    until: datetime | None = None


class Presence(NamedTuple):
    """Whether somebody gets new leads now, and if not, why and until when."""

    state: Literal["here", "paused", "away", "off"]
    until: datetime | None = None


class Share(NamedTuple):
    """What somebody was given in turn, and what their weight would have made it."""

    given: int
    due: float


def week_start(now: datetime, zone: ZoneInfo) -> datetime:
    """Midnight of the last Saturday, where the week of Iran begins."""
    today = now.astimezone(zone).date()
    since = today - timedelta(days=(today.weekday() - _SATURDAY) % _DAYS)
    return datetime.combine(since, time(), zone)


def day_start(now: datetime, zone: ZoneInfo) -> datetime:
    """Midnight of the organisation's day."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def is_paused(pause: Pause | None, now: datetime) -> bool:
    """Whether the pause holds still."""
    return pause is not None and (pause.until is None or now < pause.until)


def back_from_leave(specialist: Specialist, today: date) -> date | None:
    """The first day after the leave that holds today, leaves without a gap taken together."""
    back = today
    for leave in sorted(specialist.away, key=lambda one: day(one.since)):
        if day(leave.since) <= back <= day(leave.until):
            back = day(leave.until) + timedelta(days=1)
    return back if back > today else None


def presence(
    specialist: Specialist,
    pause: Pause | None,
    opens: datetime | None,
    now: datetime,
    zone: ZoneInfo,
) -> Presence:
    """What keeps somebody from new leads; `opens` is their next opening when they are off."""
    if pause is not None and is_paused(pause, now):
        return Presence("paused", pause.until)
    back = back_from_leave(specialist, now.astimezone(zone).date())
    if back is not None:
        return Presence("away", datetime.combine(back, time(), zone))
    if opens is not None and opens > now:
        return Presence("off", opens)
    return Presence("here")


def shares(team: Team, given: Mapping[str, int]) -> dict[str, Share]:
    """What each member of the team was given, beside the same number split by weight."""
    weights = sum(member.weight for member in team.specialists)
    total = sum(given.get(member.key, 0) for member in team.specialists)
    return {
        member.key: Share(given.get(member.key, 0), total * member.weight / weights)
        for member in team.specialists
    }
