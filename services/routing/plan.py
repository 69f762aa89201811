"""The configuration, compiled for routing once per version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final

from libs.common.configuration import Active, Configuration
from libs.common.configuration.schema import Route, Specialist, Team, Week
from libs.common.configuration.values import duration
from libs.common.normal.page import PagePatterns
from libs.common.working import Calendar, calendar_of

_CONSOLE: Final = (Route(channel="console"),)


@dataclass(frozen=True)
class Plan:
    """Teams, patterns and deadlines of one version of the configuration."""

    version: int
    content: Configuration
    teams: Mapping[str, Team]
    patterns: PagePatterns
    team_of_pattern: Mapping[str, str]
    accept_within: timedelta | None
    calendar: Calendar
    """The organisation's."""
    calendars: Mapping[Week, Calendar]
    """Of those who have a week of their own."""

    @property
    def holds(self) -> bool:
        """Whether leads wait while nobody is at work."""
        return self.content.routing.outside_hours == "hold"

    def today(self, now: datetime) -> date:
        """The organisation's day, by which the limit of a day counts."""
        return self.calendar.day(now)

    def calendar_of(self, member: Specialist) -> Calendar:
        """When a specialist is at work."""
        own = member.hours
        return self.calendar if own == "organisation" else self.calendars[own]

    def clock_of(self, specialist: str) -> Calendar:
        """By which calendar a specialist's time to accept runs."""
        sla, member = self.content.routing.sla, self.specialist(specialist)
        if sla and not sla.working_hours:
            return Calendar(self.calendar.zone)
        return self.calendar_of(member) if member else self.calendar

    @cached_property
    def _specialists(self) -> Mapping[str, Specialist]:
        """Everybody, as the first of their teams has them."""
        found: dict[str, Specialist] = {}
        for team in self.teams.values():
            for member in team.specialists:
                found.setdefault(member.key, member)
        return found

    @cached_property
    def _routes(self) -> Mapping[str, tuple[Route, ...]]:
        told = {key: tuple(dict.fromkeys(one.notify)) for key, one in self._specialists.items()}
        return {key: routes or _CONSOLE for key, routes in told.items()}

    @cached_property
    def has_limits(self) -> bool:
        """Whether anybody can have enough."""
        most = (member.capacity for team in self.teams.values() for member in team.specialists)
        return any(one.open is not None or one.per_day is not None for one in most)

    def specialist(self, key: str) -> Specialist | None:
        """Whoever has this key, in whichever team."""
        return self._specialists.get(key)

    def team_of(self, specialist: str, preferred: str | None = None) -> Team | None:
        """A team of the specialist's: the preferred one if they are in it, else the first."""
        of = [t for t in self.teams.values() if any(s.key == specialist for s in t.specialists)]
        return next((t for t in of if t.key == preferred), of[0] if of else None)

    def manager_of(self, team: str | None) -> str | None:
        """Who is told when a team's SLA has run out: its manager, else the fallback team's."""
        for key in (team, self.content.routing.fallback):
            found = self.teams.get(key or "")
            if found and found.manager and self.specialist(found.manager):
                return found.manager
        return None

    def name_of(self, specialist: str) -> str:
        """The specialist's name; the key of one who has left the configuration."""
        found = self.specialist(specialist)
        return found.name if found else specialist

    def routes_of(self, specialist: str) -> tuple[Route, ...]:
        """Where a specialist is told. Nobody is left without: the console is always there."""
        return self._routes.get(specialist, _CONSOLE)


def compile_plan(active: Active) -> Plan:
    """The plan of a configuration that has been checked."""
    content = active.content
    sla, pages = content.routing.sla, content.routing.pages
    return Plan(
        version=active.version,
        content=content,
        teams={team.key: team for team in content.teams},
        patterns=PagePatterns(page.pattern for page in pages),
        team_of_pattern={page.pattern: page.team for page in reversed(pages)},
        accept_within=duration(sla.accept_within) if sla else None,
        calendar=calendar_of(content.organisation),
        calendars={
            member.hours: calendar_of(content.organisation, member.hours)
            for team in content.teams
            for member in team.specialists
            if member.hours != "organisation"
        },
    )
