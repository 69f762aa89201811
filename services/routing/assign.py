"""Gives a lead to a specialist: the team by `route`, the person by `distribute`, and the why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from libs.common.events import Assignment, Lead, Skipped, derived_id
from services.routing import words
from services.routing.case import Cause
from services.routing.distribute import Pointers, Seeker, distribute, is_away, least_bad
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
    keys = dict.fromkeys((wanted.route.team, roster.plan.content.routing.fallback))
    teams = [roster.plan.teams[key] for key in keys if key in roster.plan.teams]
    seeker, skipped = wanted.seeker, {s.specialist: s for s in wanted.skipped}
    for team in teams:
        pointers = roster.pointers.get(team.key, {})
        pick, passed = distribute(team, pointers, roster.load, seeker, roster.today)
        skipped = {s.specialist: s for s in passed} | skipped
        if pick:
            break
    else:
        team = teams[0]
        pick = least_bad(team, roster.pointers.get(team.key, {}), seeker, roster.today)
    chosen = pick.specialist.key
    skipped.pop(chosen, None)
    why = words.both(wanted.route.why, pick.why)
    found = wanted._replace(
        route=wanted.route._replace(team=team.key, why=why), skipped=tuple(skipped.values())
    )
    return give_to(chosen, found, roster.moved(team.key, pick.pointers), cause)


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
