"""Gives a lead to a specialist: the team by `route`, the person by `distribute`, and the why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from libs.common.configuration.schema import Team
from libs.common.events import Assignment, Lead, Skipped, derived_id
from services.routing import words
from services.routing.case import Cause
from services.routing.distribute import (
    Pick,
    Pointers,
    Seeker,
    distribute,
    is_away,
    least_bad,
    longest_ago,
)
from services.routing.plan import Plan
from services.routing.route import Route, facts_of, route


@dataclass(frozen=True)
class Roster:
    """The teams as they stand now: whose pointers are where, and who has how many open leads."""

    plan: Plan
    today: date
    pointers: Mapping[str, Pointers]
    load: Mapping[str, int]

    def moved(self, team: str, pointers: Pointers) -> Roster:
        """The roster with a team's pointers after a pick."""
        return replace(self, pointers={**self.pointers, team: pointers})

    def loaded(self, specialist: str | None, by: int) -> Roster:
        """The roster when `specialist` has so many open leads more (or less)."""
        if specialist is None:
            return self
        load = {**self.load, specialist: max(0, self.load.get(specialist, 0) + by)}
        return replace(self, load=load)


class Wanted(NamedTuple):
    """A lead that needs somebody: where it belongs and what matters in the choice."""

    lead: Lead
    route: Route
    seeker: Seeker
    skipped: tuple[Skipped, ...] = ()
    """Those passed over before the team was asked."""


class Given(NamedTuple):
    """An assignment, and the roster after it."""

    assignment: Assignment
    roster: Roster


def assign(lead: Lead, former: str | None, roster: Roster, cause: Cause) -> Given:
    """Give a new lead away; `former` looked after this person before and keeps them if here."""
    plan = roster.plan
    owner = plan.specialist(former) if former else None
    here = owner is not None and not is_away(owner, roster.today)
    found = route(facts_of(lead), plan, has_owner=here)
    if owner is None or not here:
        gone = (Skipped(owner.key, words.AWAY),) if owner else ()
        return pass_on(Wanted(lead, found, Seeker(lead.contact.language), gone), roster, cause)
    theirs = words.was_theirs(owner.name)
    team = plan.team_of(owner.key, found.team)
    kept = Route(
        team=team.key if team else found.team,
        rule=found.rule if found.keeps_owner else "returning_owner",
        why=words.both(found.why, theirs) if found.keeps_owner else theirs,
    )
    return give_to(owner.key, Wanted(lead, kept, Seeker()), roster, cause)


def pass_on(wanted: Wanted, roster: Roster, cause: Cause) -> Given:
    """Give a lead to somebody of the route's team, else of the fallback team, else anybody."""
    teams = _teams((wanted.route.team,), roster)
    pick, skipped = _offer(teams, wanted, roster)
    if pick is None:
        pointers = roster.pointers.get(teams[0].key, {})
        pick = teams[0], least_bad(teams[0], pointers, wanted.seeker, roster.today)
    return _picked(pick, wanted, skipped, roster, cause)


def pass_further(
    wanted: Wanted, roster: Roster, cause: Cause
) -> tuple[Given | None, tuple[Skipped, ...]]:
    """Give a lead to somebody before the last who passed on it, and say who was passed over.

    The teams that had it are asked first, then the fallback team; where all who are here have
    passed, it goes to who did so longest ago. None where nobody else is here.
    """
    passed = wanted.seeker.passed
    of = [roster.plan.team_of(key, wanted.route.team) for key in passed]
    teams = _teams((*(team.key for team in of if team), wanted.route.team), roster)
    pick, skipped = _offer(teams, wanted, roster)
    pick = pick or longest_ago(teams, roster.pointers, passed, roster.today)
    if pick is None:
        return None, tuple(s for s in skipped.values() if s.specialist != passed[-1])
    given = _picked(pick, wanted, skipped, roster, cause)
    return given, given.assignment.skipped


def _teams(keys: Sequence[str], roster: Roster) -> list[Team]:
    """These teams, each once, and the fallback team last."""
    known, last = roster.plan.teams, roster.plan.content.routing.fallback
    asked = dict.fromkeys((*(key for key in keys if key != last), last))
    return [known[key] for key in asked if key in known]


def _offer(
    teams: Sequence[Team], wanted: Wanted, roster: Roster
) -> tuple[tuple[Team, Pick] | None, dict[str, Skipped]]:
    """The first team with somebody for it, and everybody who was skipped on the way."""
    skipped = {s.specialist: s for s in wanted.skipped}
    for team in teams:
        pointers = roster.pointers.get(team.key, {})
        pick, passed = distribute(team, pointers, roster.load, wanted.seeker, roster.today)
        skipped = {s.specialist: s for s in passed} | skipped
        if pick:
            return (team, pick), skipped
    return None, skipped


def _picked(
    found: tuple[Team, Pick],
    wanted: Wanted,
    skipped: Mapping[str, Skipped],
    roster: Roster,
    cause: Cause,
) -> Given:
    team, pick = found
    chosen = pick.specialist.key
    over = tuple(s for s in skipped.values() if s.specialist != chosen)
    route_taken = wanted.route._replace(team=team.key, why=words.both(wanted.route.why, pick.why))
    settled = wanted._replace(route=route_taken, skipped=over)
    return give_to(chosen, settled, roster.moved(team.key, pick.pointers), cause)


def give_to(specialist: str, wanted: Wanted, roster: Roster, cause: Cause) -> Given:
    """Give a lead to this very person."""
    assignment = Assignment(
        id=derived_id("assignment", wanted.lead.id, cause.id),
        team=wanted.route.team,
        specialist=specialist,
        rule=wanted.route.rule,
        why=words.because(wanted.route.why),
        skipped=wanted.skipped,
        config_version=roster.plan.version,
        at=cause.now,
    )
    return Given(assignment, roster.loaded(specialist, 1))
