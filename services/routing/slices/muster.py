"""Loads the teams as they stand, saves how that has changed, and offers the seats that are free."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from libs.common.database import Transaction
from libs.common.events import Event
from services.routing.choosing.offers import offers
from services.routing.choosing.roster import Roster
from services.routing.choosing.shares import Pointers
from services.routing.choosing.wait import offer
from services.routing.plan import Plan
from services.routing.slices.docket import Docket
from services.routing.store import queue, specialists, teams


async def locked(tx: Transaction, plan: Plan, now: datetime) -> tuple[Roster, dict[str, datetime]]:
    """The teams, and when staff last decided of whose pause.

    They are locked all at once, as shares and limits span teams.
    """
    pointers = await teams.lock_pointers(tx, plan.teams)
    return await look(tx, plan, now, pointers)


async def look(
    tx: Transaction, plan: Plan, now: datetime, pointers: Mapping[str, Pointers]
) -> tuple[Roster, dict[str, datetime]]:
    """The same of teams that are locked already; or not at all, for a look ahead."""
    paused, decided_at = await specialists.pauses(tx)
    loads = await specialists.loads(tx, plan.today(now))
    heads = await queue.heads(tx, plan.teams)
    return Roster(plan, now, pointers, loads, paused, heads), decided_at


async def save(tx: Transaction, docket: Docket) -> None:
    """Write what has changed of the teams."""
    changes = docket.changes
    if moved := docket.moved_teams():
        await teams.save_pointers(tx, moved)
    if changes.pauses:
        await specialists.save_pauses(tx, changes.pauses)
    if changes.counts:
        today = docket.roster.plan.today(docket.now)
        await specialists.save_loads(tx, changes.counts, today)
    if changes.places:
        await queue.save(tx, changes.places)


async def make_offers(tx: Transaction, roster: Roster) -> list[Event]:
    """Offer free seats to the heads of the queue; the events that say so."""
    found = offers(roster)
    if found:
        await queue.mark_offered(tx, [place.turn.lead_id for place in found], roster.now)
    return [offer(place, roster) for place in found]
