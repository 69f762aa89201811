"""A lead that waits is taken by whoever acts on it as if it were theirs."""

from __future__ import annotations

from libs.common.fading import lead_at
from services.routing import words
from services.routing.case import Case, Cause, Step
from services.routing.choosing.assign import Wanted, give_anyway, give_to
from services.routing.choosing.distribute import Seeker
from services.routing.choosing.roster import Roster
from services.routing.choosing.route import Route, facts_of, route
from services.routing.choosing.wait import settled


def take(case: Case, roster: Roster, cause: Cause, *, closes: bool) -> tuple[Step, Roster] | None:
    """The lead as the actor's own; None where the actor is no specialist.

    One that such an actor closes becomes the manager's: what is closed has an owner, who is
    told of it, and who looks after the person when they come back.
    """
    plan, waiting = roster.plan, case.lead.waiting
    theirs = plan.team_of(cause.actor, waiting.team if waiting else None)
    if theirs:
        taken = Route(theirs.key, "taken", words.took_it(plan.name_of(cause.actor)))
        given = give_to(cause.actor, Wanted(case.lead, taken, Seeker()), roster, cause)
        return settled(case, given, cause)
    if not closes:
        return None
    found = route(facts_of(lead_at(case.lead, cause.now)), plan)
    manager = plan.manager_of(found.team)
    wanted = Wanted(case.lead, found._replace(why=words.CLOSED_UNGIVEN), Seeker())
    if manager:
        return settled(case, give_to(manager, wanted, roster, cause), cause)
    return settled(case, give_anyway(wanted, roster, cause), cause)
