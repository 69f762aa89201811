"""Gives a lead to a specialist: the team by `route`, the person by `distribute`, and the why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from libs.common.configuration.schema import Team
from libs.common.events import Assignment, Lead, Skipped, Text, Waiting, derived_id
from libs.common.fading import lead_at
from services.routing import words
from services.routing.case import Cause
from services.routing.choosing.distribute import Pick, Seeker, distribute, least_bad, longest_ago
from services.routing.choosing.roster import Pool, Roster
from services.routing.choosing.route import Route, facts_of, route
from services.routing.choosing.turn import turn_of


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


class Waits(NamedTuple):
    """Nobody can be given it now: why, until when, and who was passed over."""

    waiting: Waiting
    skipped: tuple[Skipped, ...]
    roster: Roster
    """As it was."""


def assign(lead: Lead, former: str | None, roster: Roster, cause: Cause) -> Given | Waits:
    """Give a new lead away; `former` looked after this person before and keeps them if here.

    That holds outside their hours and over their limits too: they know the person.
    """
    plan = roster.plan
    owner = plan.specialist(former) if former else None
    hindrance = roster.attendance.hindrance(owner) if owner else None
    gone = hindrance if hindrance and hindrance.kind == "absent" else None
    here = owner is not None and gone is None
    found = route(facts_of(lead_at(lead, cause.now)), plan, has_owner=here)
    if owner is None or not here:
        over = (Skipped(owner.key, gone.why),) if owner and gone else ()
        return pass_on(Wanted(lead, found, Seeker(lead.contact.language), over), roster, cause)
    theirs = words.was_theirs(owner.name)
    team = plan.team_of(owner.key, found.team)
    kept = Route(
        team=team.key if team else found.team,
        rule=found.rule if found.keeps_owner else "returning_owner",
        why=words.both(found.why, theirs) if found.keeps_owner else theirs,
    )
    return give_to(owner.key, Wanted(lead, kept, Seeker()), roster, cause)


def pass_on(wanted: Wanted, roster: Roster, cause: Cause) -> Given | Waits:
    """Give a lead to somebody of the route's team, or of the fallback team where nobody is there.

    It waits where nobody is there either, where leads are held until the team is back, where all
    are full, and behind those that came before.
    """
    lead, home = wanted.lead, wanted.route.team
    since = lead.waiting.since if lead.waiting else cause.now
    pool = roster.pool(home)
    skipped = {s.specialist: s for s in wanted.skipped}
    if pool is None:
        team = roster.plan.teams.get(home)
        alone = team and roster.opens_again(team)
        skipped |= _hindrances([team] if team and alone else _teams((home,), roster), roster)
        return Waits(_nobody(wanted, roster), tuple(skipped.values()), roster)
    if pool.team.key != home:
        skipped |= _hindrances([roster.plan.teams[home]], roster)
    open_now = pool
    if roster.queue:
        turn = turn_of(lead.id, since, lead.temperature, roster.plan.calendar)
        open_now = roster.without_kept(pool, turn)
    pick, passed = _pick(open_now, wanted.seeker, roster)
    skipped = {s.specialist: s for s in passed} | skipped
    if pick is None:
        why = words.QUEUE_AHEAD if pool.open else words.ALL_FULL
        full = Waiting("capacity", home, since, words.because(why))
        return Waits(full, tuple(skipped.values()), roster)
    return _picked((pool.team, pick), wanted, skipped, roster, cause)


def pass_further(
    wanted: Wanted, roster: Roster, cause: Cause
) -> tuple[Given | None, tuple[Skipped, ...]]:
    """Give a lead to somebody before the last who passed on it, and say who was passed over.

    The teams that had it are asked first, then the fallback team; where all who are here have
    passed, it goes to who did so longest ago. None where nobody else can take it.
    """
    passed = wanted.seeker.passed
    of = [roster.plan.team_of(key, wanted.route.team) for key in passed]
    teams = _teams((*(team.key for team in of if team), wanted.route.team), roster)
    turn = turn_of(wanted.lead.id, wanted.lead.opened_at, "hot", roster.plan.calendar)
    skipped: dict[str, Skipped] = {}
    again = []
    for team in teams:
        pool = roster.without_kept(roster.pool_of(team, passed), turn)
        pick, over = _pick(pool, wanted.seeker, roster)
        skipped = {s.specialist: s for s in over} | skipped
        if pick:
            given = _picked((team, pick), wanted, skipped, roster, cause)
            return given, given.assignment.skipped
        again.append((team, roster.pool_of(team).hindered))
    found = longest_ago(again, roster.pointers, passed)
    if found is None:
        return None, tuple(s for s in skipped.values() if s.specialist != passed[-1])
    given = _picked(found, wanted, skipped, roster, cause)
    return given, given.assignment.skipped


def give_anyway(wanted: Wanted, roster: Roster, cause: Cause) -> Given:
    """Give a lead to somebody of its team whoever is there: for one that is closed ungiven."""
    team = _teams((wanted.route.team,), roster)[0]
    hindered = roster.pool_of(team).hindered
    pick = least_bad(team, roster.pointers.get(team.key, {}), wanted.seeker, hindered)
    return _picked((team, pick), wanted, {}, roster, cause)


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
    return Given(assignment, roster.loaded(specialist, 1, given=1))


def _teams(keys: Sequence[str], roster: Roster) -> list[Team]:
    """These teams, each once, and the fallback team last."""
    known, last = roster.plan.teams, roster.plan.content.routing.fallback
    asked = dict.fromkeys((*(key for key in keys if key != last), last))
    return [known[key] for key in asked if key in known]


def _pick(pool: Pool, seeker: Seeker, roster: Roster) -> tuple[Pick | None, tuple[Skipped, ...]]:
    team, pointers = pool.team, roster.pointers.get(pool.team.key, {})
    load = roster.open_leads(team) if team.strategy == "least_open" else {}
    return distribute(team, pointers, load, seeker, pool.hindered)


def _hindrances(teams: Sequence[Team], roster: Roster) -> dict[str, Skipped]:
    look = roster.attendance
    found = {member.key: look.hindrance(member) for team in teams for member in team.specialists}
    return {key: Skipped(key, hindrance.why) for key, hindrance in found.items() if hindrance}


def _nobody(wanted: Wanted, roster: Roster) -> Waiting:
    """Nobody is there of the team that it waits for, nor who stands in: until the first is."""
    look, lead = roster.attendance, wanted.lead
    home = roster.plan.teams.get(wanted.route.team)
    held = home is not None and roster.opens_again(home)
    teams = [home] if home and held else _teams((wanted.route.team,), roster)
    here = any(look.is_here(member) for team in teams for member in team.specialists)
    back = [moment for team in teams if (moment := roster.back_at(team))]
    return Waiting(
        reason="hours",
        team=wanted.route.team,
        since=lead.waiting.since if lead.waiting else roster.now,
        why=words.because(words.NOBODY_AT_WORK if here else words.NOBODY_HERE),
        until=min(back, default=None),
    )


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
    home = roster.plan.teams.get(wanted.route.team)
    why = words.both(wanted.route.why, pick.why)
    if home and home.key != team.key:
        absent, here = (Text(t.name.fa, t.name.en) for t in (home, team))
        why = words.stood_in(wanted.route.why, absent, here, pick.why)
    route_taken = Route(team.key, wanted.route.rule, why)
    settled = Wanted(wanted.lead, route_taken, wanted.seeker, over)
    return give_to(chosen, settled, roster.moved(team.key, pick.pointers), cause)
