"""The pages: the inbox (whom do I call now?) and the lead (who is this, what do they want?)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import groupby
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from libs.common.configuration import Configuration
from libs.common.events import digest
from services.desk import shapes
from services.desk.acting import Outcome
from services.desk.actions import Action
from services.desk.store import finding, staff
from services.desk.web.access import Person, prove
from services.desk.web.api.asking import Id
from services.desk.web.api.leads import Filters, wanted, whole
from services.desk.web.forms import fields, number
from services.desk.web.language import of_person
from services.desk.web.paging import page
from services.desk.web.place import desk_of
from services.desk.web.who import Staff

router = APIRouter(include_in_schema=False)

PAGE: Final = 50
SNOOZES: Final = {"tomorrow": 1, "in_three_days": 3, "next_week": 7}
_KEPT: Final = ("state", "stage", "temperature", "owner", "source", "page", "q")


@router.get("/")
async def inbox(request: Request, who: Person, asked: Annotated[Filters, Query()]) -> HTMLResponse:
    """Open leads, newest first, unless the address says otherwise."""
    desk = desk_of(request)
    narrowed = asked if asked.state or asked.q else asked.model_copy(update={"state": "open"})
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        tongue = of_person(request, content.organisation.languages)
        chosen = wanted(narrowed, ZoneInfo(content.organisation.time_zone))
        rows = await finding.newest(tx, chosen, asked.after, PAGE + 1)
        begun = bool(rows) or await finding.any_lead(tx)
    found = page(rows, PAGE, "opened_at", lambda row: shapes.lead(row, tongue))
    filters = {name: value for name in _KEPT if (value := getattr(asked, name))}
    return desk.drawing.page(
        request,
        "inbox.html",
        content,
        who=who,
        leads=found["items"],
        state=narrowed.state,
        filters=filters,
        link=lambda **changed: link(filters, changed),
        older=found["next"] and link(filters, {"cursor": found["next"]}),
        is_first=asked.cursor is None,
        begun=begun,
        snippet_url=snippet_url(content, desk.runtime.settings),
    )


def link(filters: Mapping[str, Any], changed: Mapping[str, Any]) -> str:
    """The inbox under these filters with some changed; None takes one away."""
    query = {name: value for name, value in {**filters, **changed}.items() if value}
    return f"/?{urlencode(query)}" if query else "/"


def snippet_url(content: Configuration, settings: Any) -> str:
    """Where the first form is posted to, as a web page outside would say it."""
    form = next((form.key for site in content.sites for form in site.forms), "contact")
    door = settings.public_url.rstrip("/") or (
        f"http://{settings.capture_host}:{settings.capture_port}"
    )
    return f"{door}/v1/forms/{form}"


@router.get("/leads/{item}")
async def lead(request: Request, item: Id, who: Person) -> Response:
    """One lead; an id that was joined to another leads there."""
    desk = desk_of(request)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        found = await whole(tx, item, of_person(request, content.organisation.languages))
        await staff.note(tx, staff.Deed(who.actor, "read", f"lead:{found['id']}"))
    if found["id"] != item:
        return RedirectResponse(f"/leads/{found['id']}", HTTPStatus.TEMPORARY_REDIRECT)
    done = request.query_params.get("done")
    notice = done if done in {"settled", "pending"} else None
    return _drawn(request, content, who, found, notice=notice)


def _drawn(
    request: Request, content: Configuration, who: Staff, found: dict[str, Any], **given: Any
) -> HTMLResponse:
    """The lead, or only its part where htmx asks for it."""
    desk = desk_of(request)
    zone = ZoneInfo(content.organisation.time_zone)
    days = groupby(
        found["timeline"], lambda line: datetime.fromisoformat(line["at"]).astimezone(zone).date()
    )
    part = request.headers.get("hx-request") == "true"
    return desk.drawing.page(
        request,
        "lead_part.html" if part else "lead.html",
        content,
        who=who,
        lead=found,
        days=[list(lines) for _day, lines in days],
        key=secrets.token_urlsafe(12),
        snoozes=list(SNOOZES),
        roster=content.teams,
        **{"notice": None, "refused": None, **given},
    )


@router.post("/leads/{item}/actions")
async def act(request: Request, item: Id, who: Person) -> Response:
    """A form's action: back to the lead, or the lead's part for htmx."""
    form = await fields(request)
    prove(who, form.pop("csrf", ""))
    key = form.pop("key", None)
    desk = desk_of(request)
    try:
        action = read(form)
        strange = action.unknown(desk.runtime.configurations.from_file().content)
    except ValidationError as error:
        return await _again(request, item, who, refused=error.errors()[0]["msg"])
    if strange:
        return await _again(request, item, who, refused=strange)
    mark = digest(action.model_dump_json().encode())
    deed = staff.Deed(who.actor, action.action, f"lead:{item}", digest=mark)
    outcome = await desk.acting.act(item, action, key, deed)
    return await _answer(request, item, who, outcome)


def read(form: Mapping[str, str]) -> Action:
    """The action that a form's fields say. Raises ValidationError."""
    said: dict[str, Any] = dict(form)
    if "amount" in said:
        said["amount"] = number(said["amount"])
    if days := SNOOZES.get(said.pop("snooze_for", "")):
        said["until"] = datetime.now(UTC) + timedelta(days=days)
    kind, _, key = said.pop("to", "").partition(":")
    if key:
        said["team" if kind == "team" else "specialist"] = key
    return Action.model_validate(said)


async def _answer(request: Request, item: str, who: Staff, outcome: Outcome) -> Response:
    change = outcome.change
    if change and change["kind"] == "refused":
        content = desk_of(request).runtime.configurations.from_file().content
        tongue = of_person(request, content.organisation.languages)
        return await _again(request, item, who, refused=change[f"text_{tongue}"])
    notice = "settled" if change else "pending"
    if request.headers.get("hx-request") == "true":
        return await _again(request, outcome.lead_id, who, notice=notice)
    path = f"/leads/{outcome.lead_id}?done={notice}"
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


async def _again(request: Request, item: str, who: Staff, **given: Any) -> Response:
    desk = desk_of(request)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        found = await whole(tx, item, of_person(request, content.organisation.languages))
    response = _drawn(request, content, who, found, **given)
    if given.get("refused"):
        response.status_code = HTTPStatus.CONFLICT
    return response
