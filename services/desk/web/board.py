"""The board: who has what, what is late, who is here; and setting somebody aside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from libs.common.configuration import Configuration
from libs.common.database import Transaction
from libs.common.normal.text import persian
from libs.common.working import calendar_of
from services.desk.roster import Pause, day_start, is_paused, week_start
from services.desk.shapes import moment
from services.desk.store import board as store
from services.desk.store import finding, sources
from services.desk.tally import COUNTED, Seen, TeamBoard, boards
from services.desk.web.access import Person, prove
from services.desk.web.forms import fields
from services.desk.web.language import of_person
from services.desk.web.place import desk_of
from services.desk.web.problems import Problem
from services.desk.web.spans import span

router = APIRouter(include_in_schema=False)

LISTED: Final = 10
"""Leads that the board names itself; the rest is a link away."""
FAIR_OVER: Final = timedelta(days=30)
_PAUSES: Final = ("today", "hour", "open")


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


def decimal(number: float, language: str) -> str:
    """With one digit after the point at most, as each script writes it."""
    text = f"{round(number, 1):g}"
    return persian(text).replace(".", "٫") if language == "fa" else text


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


def narrowed(**query: str | None) -> str:
    """The inbox, narrowed."""
    return "/?" + urlencode({name: value for name, value in query.items() if value})


@router.get("/board")
async def page(request: Request, who: Person) -> HTMLResponse:
    """The board."""
    desk, now = desk_of(request), datetime.now(UTC)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        found = await look(tx, content, now)
    done = request.query_params.get("done")
    return desk.drawing.page(
        request,
        "board.html",
        content,
        who=who,
        place="board",
        board=found,
        week=found.week.date().isoformat(),
        passed=lambda at: now - datetime.fromisoformat(at),
        span=span,
        decimal=lambda number: decimal(number, of_person(request, content.organisation.languages)),
        narrowed=narrowed,
        strategies={team.key: team.strategy for team in content.teams},
        pauses=_PAUSES,
        notice=done if done in {"paused", "resumed"} else None,
    )


@router.post("/board/{specialist}")
async def act(request: Request, specialist: str, who: Person) -> RedirectResponse:
    """A form's pause or resume: back to the board."""
    form = await fields(request)
    prove(who, form.pop("csrf", ""))
    desk, now = desk_of(request), datetime.now(UTC)
    content = desk.runtime.configurations.from_file().content
    known(content, specialist)
    if form.get("do") == "resume":
        await desk.pausing.resume(specialist, who.actor)
        return RedirectResponse("/board?done=resumed", HTTPStatus.SEE_OTHER)
    ends = {
        "today": day_start(now, ZoneInfo(content.organisation.time_zone)) + timedelta(days=1),
        "hour": now + timedelta(hours=1),
    }
    await desk.pausing.pause(specialist, ends.get(form.get("until", "")), who.actor)
    return RedirectResponse("/board?done=paused", HTTPStatus.SEE_OTHER)


def known(content: Configuration, specialist: str) -> None:
    """Raises Problem 404 for somebody who is in no team."""
    if all(specialist != one.key for team in content.teams for one in team.specialists):
        raise Problem(HTTPStatus.NOT_FOUND, "there is no specialist with this key")
