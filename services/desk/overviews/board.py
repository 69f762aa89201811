"""Who has what, what is late, who is here: the board as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from libs.common.configuration import Configuration
from libs.common.database import Transaction
from libs.common.working import calendar_of
from services.desk.overviews.roster import Pause, day_start, is_paused, week_start
from services.desk.overviews.tally import COUNTED, Seen, TeamBoard, boards
from services.desk.shapes import moment
from services.desk.store import board as store
from services.desk.store import finding, sources

LISTED: Final = 10
"""Leads that the board names itself; the rest is a link away."""
FAIR_OVER: Final = timedelta(days=30)


class Board(NamedTuple):
    """All that the board shows, at one moment."""

    at: datetime
    week: datetime
    teams: tuple[TeamBoard, ...]
    due: list[dict[str, Any]]
    """The leads whose clock runs out first."""
    queue: list[dict[str, Any]]
    begun: bool

    @property
    def totals(self) -> dict[str, int]:
        """Of all teams, also of whoever has left them."""
        lines = [line for team in self.teams for line in team.lines]
        found = {name: sum(line.counts[name] for line in lines) for name in COUNTED}
        found["waiting"] = sum(team.waiting for team in self.teams)
        found["open"] += found["waiting"]
        found["open"] += sum(n for team in self.teams for _owner, n in team.gone)
        return found


async def look(tx: Transaction, content: Configuration, now: datetime) -> Board:
    """The board as it is now."""
    zone = ZoneInfo(content.organisation.time_zone)
    week = week_start(now, zone)
    found = Seen(
        counts=await store.counts(tx, now, week),
        given=await store.given(tx, now - FAIR_OVER, day_start(now, zone)),
        pauses=await pauses(tx, now),
        opens=openings(content, now),
    )
    return Board(
        at=now,
        week=week,
        teams=boards(content, found, now),
        due=[_named(row, "deadline", "due_at") for row in await store.latest_due(tx, LISTED)],
        queue=[_named(row, "waiting", "since") for row in await store.queue(tx, LISTED)],
        begun=await finding.any_lead(tx),
    )


async def pauses(tx: Transaction, now: datetime) -> dict[str, Pause]:
    """Who is set aside now."""
    found = await sources.paused(tx, "specialist")
    held = {key: Pause(row["at"], row["until"]) for key, row in found.items()}
    return {key: pause for key, pause in held.items() if is_paused(pause, now)}


def openings(content: Configuration, now: datetime) -> dict[str, datetime]:
    """When those who are off now are at work again."""
    found = {}
    for team in content.teams:
        for member in team.specialists:
            own = None if member.hours == "organisation" else member.hours
            calendar = calendar_of(content.organisation, own)
            if not calendar.is_open(now):
                found[member.key] = calendar.next_opening(now)
    return found


def _named(row: Mapping[str, Any], part: str, since: str) -> dict[str, Any]:
    body = row["body"]
    return {
        "id": str(row["id"]),
        "team": row["team"],
        "owner": row.get("owner"),
        "contact": body["contact"],
        "page": body["page"],
        "at": moment(body[part][since]),
        part: body[part],
    }
