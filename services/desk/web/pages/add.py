"""Quick-add: a call or a walk-in, written down in half a minute on a phone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from libs.common.configuration import Configuration
from libs.common.events import digest
from services.desk.acting import entry
from services.desk.acting.entering import SETTLED
from services.desk.store import staff, submissions
from services.desk.web.api.asking import Id
from services.desk.web.door.access import Person, prove
from services.desk.web.door.forms import fields
from services.desk.web.place import Desk, desk_of
from services.desk.web.who import Staff

router = APIRouter(include_in_schema=False)


@router.get("/add")
async def ask(request: Request, who: Person) -> Response:
    """The empty form."""
    return _form(request, who, {}, None)


@router.post("/add")
async def add(request: Request, who: Person) -> Response:
    """Take it, and on to its lead; the same form sent twice is one."""
    form = await fields(request)
    prove(who, form.pop("csrf", ""))
    key = form.pop("key", secrets.token_urlsafe(12))
    desk = desk_of(request)
    active = desk.runtime.configurations.from_file()
    try:
        filled = {name: value for name, value in form.items() if value.strip()}
        said = entry.Entry.model_validate({**filled, "consent": "consent" in filled or None})
    except ValidationError as error:
        return _form(request, who, form, _wrong(error))
    if said.is_odd_phone(active.content.organisation.country):
        return _form(request, who, form, "odd_phone")
    mark = digest(said.model_dump_json().encode())
    heard = _heard(desk, who, entry.submission_id(key, mark))
    deed = staff.Deed(who.actor, "add", f"submission:{heard.submission_id}", digest=mark)
    entered = await desk.entering.enter(said, heard, deed)
    place = f"/leads/{entered.lead_id}" if entered.lead_id else f"/add/{heard.submission_id}"
    return RedirectResponse(place, HTTPStatus.SEE_OTHER)


@router.get("/add/{item}")
async def follow(request: Request, item: Id, who: Person) -> Response:
    """Where it is: at its lead, or on its way there."""
    desk = desk_of(request)
    async with desk.runtime.database.transaction() as tx:
        row = await submissions.find(tx, item)
    if row and row["lead_id"] and row["lead"]:
        return RedirectResponse(f"/leads/{row['lead_id']}", HTTPStatus.SEE_OTHER)
    content = desk.runtime.configurations.from_file().content
    state = row["state"] if row else "received"
    return desk.drawing.page(
        request, "added.html", content, who=who, is_settled=state in SETTLED, item=item
    )


def _heard(desk: Desk, who: Staff, submission_id: str) -> entry.Heard:
    version, content = desk.runtime.configurations.from_file()
    return entry.Heard(
        submission_id, who.actor, datetime.now(UTC), content.organisation.country, version
    )


def subjects(content: Configuration) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every team with its pages: what the person came for, as an address and how it is read."""
    by_team: dict[str, list[tuple[str, str]]] = {}
    for page in content.routing.pages:
        place = page.pattern.rstrip("*").removesuffix("/")
        by_team.setdefault(page.team, []).append((f"https://{quote(place, safe='/:%')}", place))
    return [(team.key, by_team[team.key]) for team in content.teams if team.key in by_team]


def _wrong(error: ValidationError) -> str:
    """Which of the form's sentences says what is wrong."""
    first = error.errors()[0]
    if not first["loc"]:
        return "odd_email" if "e-mail cannot" in first["msg"] else "nobody_named"
    return "too_long" if first["type"].endswith("too_long") else "odd_entry"


def _form(request: Request, who: Staff, typed: Mapping[str, Any], wrong: str | None) -> Response:
    content = desk_of(request).runtime.configurations.from_file().content
    return desk_of(request).drawing.page(
        request,
        "add.html",
        content,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        who=who,
        typed=typed,
        wrong=wrong,
        subjects=subjects(content),
        key=secrets.token_urlsafe(12),
    )
