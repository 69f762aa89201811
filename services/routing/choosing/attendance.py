"""Who of a team can be given a lead now, who cannot and why, and when somebody is back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple

import msgspec

from libs.common.configuration.schema import Specialist, Team
from libs.common.configuration.values import day
from libs.common.events import Text
from services.routing import words
from services.routing.plan import Plan

_LOOKS: Final = 50
"""Leaves, pauses and closed hours that may follow upon one another before somebody is back."""


class Pause(NamedTuple):
    """Somebody is put aside by staff, until then or until further notice."""

    until: datetime | None


class Paused(NamedTuple):
    """What staff last decided of a specialist's pause, and when."""

    pause: Pause | None
    at: datetime


class Load(NamedTuple):
    """What a specialist has: leads that are open, and those given to them today."""

    open: int = 0
    today: int = 0


class Hindrance(NamedTuple):
    """Why somebody is given nothing now.

    `absent`: on leave or paused. `off`: outside their hours. `full`: at a limit of theirs.
    """

    kind: Literal["absent", "off", "full"]
    why: Text


class Attendance(msgspec.Struct, frozen=True):
    """The specialists at one moment."""

    plan: Plan
    now: datetime
    pauses: Mapping[str, Pause]
    loads: Mapping[str, Load]
    known: dict[int, Hindrance | None] = msgspec.field(default_factory=dict)
    """Who is not there, by member: the same for all leads of a moment, whatever they are given."""

    def hindrance(self, member: Specialist) -> Hindrance | None:
        """What keeps a member from being given a lead now, the weightiest first."""
        return self._absence(member) or self.fullness(member)

    def _absence(self, member: Specialist) -> Hindrance | None:
        who = id(member)  # one of the plan's, which outlives this
        if who not in self.known:
            self.known[who] = self._look(member)
        return self.known[who]

    def _look(self, member: Specialist) -> Hindrance | None:
        calendar = self.plan.calendar_of(member)
        today = calendar.day(self.now)
        if any(day(leave.since) <= today <= day(leave.until) for leave in member.away):
            return Hindrance("absent", words.AWAY)
        if self._is_paused(member.key, self.now):
            return Hindrance("absent", words.PAUSED)
        if not calendar.is_open(self.now):
            closed = today in calendar.holidays
            return Hindrance("off", words.HOLIDAY if closed else words.OFF_HOURS)
        return None

    def fullness(self, member: Specialist) -> Hindrance | None:
        """The limit of theirs that is reached, if one is."""
        most, has = member.capacity, self.loads.get(member.key, Load())
        if most.open is not None and has.open >= most.open:
            return Hindrance("full", words.full(has.open, most.open))
        if most.per_day is not None and has.today >= most.per_day:
            return Hindrance("full", words.had_enough_today(has.today))
        return None

    def room(self, member: Specialist) -> int | None:
        """How many more they can take now; None: as many as there are."""
        most, has = member.capacity, self.loads.get(member.key, Load())
        rooms = []
        if most.open is not None:
            rooms.append(max(0, most.open - has.open))
        if most.per_day is not None:
            rooms.append(max(0, most.per_day - has.today))
        return min(rooms, default=None)

    def is_here(self, member: Specialist) -> bool:
        """Whether they are neither on leave nor paused; their hours do not matter."""
        found = self._absence(member)
        return found is None or found.kind != "absent"

    def is_at_work(self, member: Specialist) -> bool:
        """Whether they are here, in their hours; full or not."""
        return self._absence(member) is None

    def back_at(self, team: Team) -> datetime | None:
        """When the first of a team is at work again; None where nobody knows."""
        moments = [self._back(member) for member in team.specialists]
        return min((moment for moment in moments if moment), default=None)

    def _back(self, member: Specialist) -> datetime | None:
        calendar = self.plan.calendar_of(member)
        moment = self.now.astimezone(UTC)
        for _look in range(_LOOKS):
            before = moment
            if self._is_paused(member.key, moment):
                until = self.pauses[member.key].until
                if until is None:
                    return None
                moment = until.astimezone(UTC)
            for last in self._leaves(member, moment):
                after = datetime.combine(last, time(), tzinfo=calendar.zone) + timedelta(days=1)
                moment = after.astimezone(UTC)
            if self.plan.holds:
                moment = calendar.next_opening(moment)
            if moment == before:
                return moment
        return None

    def _leaves(self, member: Specialist, moment: datetime) -> Iterator[date]:
        today = self.plan.calendar_of(member).day(moment)
        for leave in member.away:
            last = day(leave.until)
            if day(leave.since) <= today <= last:
                yield last

    def _is_paused(self, specialist: str, moment: datetime) -> bool:
        pause = self.pauses.get(specialist)
        return pause is not None and (pause.until is None or moment < pause.until)
