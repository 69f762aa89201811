"""Setting a specialist aside, and bringing them back."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from libs.common.configuration import Configuration
from services.desk.shapes import moment
from services.desk.store import sources
from services.desk.values import Moment
from services.desk.web.door.access import Program
from services.desk.web.door.paging import Asked
from services.desk.web.door.problems import Problem
from services.desk.web.place import desk_of

router = APIRouter(prefix="/specialists", tags=["specialists"])


class Until(BaseModel):
    """Until when; until further notice without it."""

    model_config = ConfigDict(extra="forbid")

    until: Moment | None = None


@router.post("/{key}/pause", responses={202: {"description": "On its way"}})
async def pause(
    request: Request,
    key: str,
    who: Program,
    _asked: Annotated[Asked, Query()],
    body: Annotated[Until | None, Body()] = None,
) -> JSONResponse:
    """No new leads for them: 200 once it shows, 202 when that takes longer."""
    desk, until = desk_of(request), body.until if body else None
    known(desk.runtime.configurations.from_file().content, key)
    if until is not None and until <= datetime.now(UTC):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "until: has passed already")
    return await _answer(request, key, shows=await desk.pausing.pause(key, until, who.actor))


@router.post("/{key}/resume", responses={202: {"description": "On its way"}})
async def resume(
    request: Request, key: str, who: Program, _asked: Annotated[Asked, Query()]
) -> JSONResponse:
    """They get leads again: 200 once it shows, 202 when that takes longer."""
    desk = desk_of(request)
    known(desk.runtime.configurations.from_file().content, key)
    return await _answer(request, key, shows=await desk.pausing.resume(key, who.actor))


async def _answer(request: Request, key: str, *, shows: bool) -> JSONResponse:
    async with desk_of(request).runtime.database.transaction() as tx:
        found: dict[str, Any] = await sources.pause_of(tx, "specialist", key) or {}
    body = {
        "specialist": key,
        "paused": bool(found.get("is_paused")),
        "until": moment(found.get("until")),
        "since": moment(found.get("at")),
    }
    return JSONResponse(body, HTTPStatus.OK if shows else HTTPStatus.ACCEPTED)


def known(content: Configuration, specialist: str) -> None:
    """Raises Problem 404 for somebody who is in no team."""
    if all(specialist != one.key for team in content.teams for one in team.specialists):
        raise Problem(HTTPStatus.NOT_FOUND, "there is no specialist with this key")
