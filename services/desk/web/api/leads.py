"""Leads: the list with its filters, one lead whole, and what staff do to it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field, model_validator

from libs.common.database import Transaction
from libs.common.events import digest
from libs.common.normal.page import normal_page
from services.desk import shapes
from services.desk.acting.acting import Outcome
from services.desk.acting.actions import Action
from services.desk.store import finding, staff, stories
from services.desk.values import DayOrMoment, Plain
from services.desk.web.api.asking import Id, absent, settings
from services.desk.web.api.seeking import dialled, words_of
from services.desk.web.door.access import Program
from services.desk.web.door.paging import Asked, Listed, page
from services.desk.web.door.problems import Problem
from services.desk.web.place import desk_of

router = APIRouter(tags=["leads"])

State = Literal["open", "won", "lost"]
Stage = Literal["iql", "mql", "sql", "pql", "service_qualified", "customer", "returning_customer"]
Only = Literal["late", "waiting", "unaccepted", "contacted"]
Temperature = Literal["cold", "warm", "hot"]
Short = Annotated[Plain, Field(min_length=1, max_length=200)]


class Filters(Listed):
    """Which leads to list. Days are the organisation's; `to` is included.

    `list`: the id of an import. `sort=score`: the hottest first instead of the newest.
    """

    state: State | None = None
    stage: Stage | None = None
    temperature: Temperature | None = None
    owner: Short | None = None
    team: Short | None = None
    only: Only | None = None
    closed_from: DayOrMoment | None = None
    source: Short | None = None
    page: Annotated[Plain, Field(min_length=1, max_length=2000)] | None = None
    q: Annotated[Plain, Field(max_length=200)] | None = None
    since: Annotated[DayOrMoment | None, Field(alias="from")] = None
    until: Annotated[DayOrMoment | None, Field(alias="to")] = None
    listed: Annotated[UUID | None, Field(alias="list")] = None
    sort: Literal["score"] | None = None

    @model_validator(mode="after")
    def _of_this_order(self) -> Self:
        """A place in a list in one order is none in the other."""
        if self.after and (self.after.score is not None) != (self.sort == "score"):
            raise ValueError("not a cursor of this list")
        return self


def wanted(filters: Filters, zone: ZoneInfo) -> finding.Wanted:
    """The filters as the store takes them."""
    typed = filters.page
    below = typed is not None and typed.endswith("/*")
    words = words_of(filters.q or "")
    place = normal_page(typed.removesuffix("/*")) or typed if typed else None
    return finding.Wanted(
        by_score=filters.sort == "score",
        state=filters.state,
        stage=filters.stage,
        temperature=filters.temperature,
        owner=filters.owner,
        team=filters.team,
        only=filters.only,
        closed_since=_start(filters.closed_from, zone),
        source=filters.source,
        page=None if below else place,
        below=place if below else None,
        words=words,
        dialled=dialled(words),
        since=_start(filters.since, zone),
        until=_end(filters.until, zone),
        listed=str(filters.listed) if filters.listed else None,
    )


def _start(moment: datetime | date | None, zone: ZoneInfo) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), zone)


def _end(moment: datetime | date | None, zone: ZoneInfo) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    return datetime.combine(moment + timedelta(days=1), time(), zone)


@router.get("/leads")
async def listed(
    request: Request, _who: Program, filters: Annotated[Filters, Query()]
) -> dict[str, Any]:
    """Leads as they are now, newest first or by score."""
    async with desk_of(request).runtime.database.transaction() as tx:
        content, tongue = await settings(request, tx)
        narrowed = wanted(filters, ZoneInfo(content.organisation.time_zone))
        rows = await finding.newest(tx, narrowed, filters.after, filters.limit + 1)
    return page(rows, filters.limit, "opened_at", lambda row: shapes.lead(row, tongue))


@router.get("/leads/{item}")
async def one(
    request: Request, item: Id, who: Program, _asked: Annotated[Asked, Query()]
) -> dict[str, Any]:
    """One lead, whole; the id of one that was joined to another gives that other."""
    await desk_of(request).coming.read(item)
    async with desk_of(request).runtime.database.transaction() as tx:
        _content, tongue = await settings(request, tx)
        found = await whole(tx, item, tongue)
        await staff.note(tx, staff.Deed(who.actor, "read", f"lead:{found['id']}"))
    return found


async def whole(tx: Transaction, lead_id: str, tongue: str) -> dict[str, Any]:
    """A lead with all that belongs to it. Raises Problem 404."""
    row = await finding.one(tx, lead_id)
    if row is None:
        raise absent()
    surviving = str(row["id"])
    return shapes.whole_lead(
        row,
        await finding.touches(tx, surviving),
        await finding.notifications(tx, surviving),
        await stories.of_lead(tx, surviving, row["body"]["person_id"]),
        tongue,
    )


@router.post("/leads/{item}/actions", responses={202: {"description": "On its way"}})
async def act(
    request: Request,
    item: Id,
    who: Program,
    action: Action,
    _asked: Annotated[Asked, Query()],
    idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
) -> JSONResponse:
    """Do something to a lead: 200 with the lead, 202 when it takes longer, 409 when refused."""
    desk = desk_of(request)
    await desk.coming.read(item)
    async with desk.runtime.database.transaction() as tx:
        content, tongue = await settings(request, tx)
    if strange := action.unknown(content):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"no such team or specialist: {strange}")
    mark = digest(action.model_dump_json().encode())
    deed = staff.Deed(who.actor, action.action, f"lead:{item}", digest=mark)
    outcome = await desk.acting.act(item, action, idempotency_key, deed)
    return await _answer(request, outcome, tongue)


async def _answer(request: Request, outcome: Outcome, tongue: str) -> JSONResponse:
    change = outcome.change
    if change and change["kind"] == "refused":
        reason = change["text_fa" if tongue == "fa" else "text_en"]
        raise Problem(HTTPStatus.CONFLICT, reason)
    async with desk_of(request).runtime.database.transaction() as tx:
        found = await whole(tx, outcome.lead_id, tongue)
    return JSONResponse(found, HTTPStatus.OK if change else HTTPStatus.ACCEPTED)
