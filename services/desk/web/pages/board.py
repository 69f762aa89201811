"""The board: who has what, what is late, who is here; and setting somebody aside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from libs.common.normal.text import persian
from services.desk.overviews.board import look
from services.desk.overviews.roster import day_start
from services.desk.web.api.specialists import known
from services.desk.web.door.access import Person, prove
from services.desk.web.door.forms import fields
from services.desk.web.drawing.spans import span
from services.desk.web.language import of_person
from services.desk.web.place import desk_of

router = APIRouter(include_in_schema=False)

_PAUSES: Final = ("today", "hour", "open")


def decimal(number: float, language: str) -> str:
    """With one digit after the point at most, as each script writes it."""
    text = f"{round(number, 1):g}"
    return persian(text).replace(".", "٫") if language == "fa" else text


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
