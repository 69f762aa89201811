"""The lead: who is this, what do they want, how ready, what happened?"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from libs.common.configuration import Configuration
from libs.common.events import Text, digest
from services.desk import shapes
from services.desk.acting.acting import Outcome
from services.desk.acting.actions import HELD, Action
from services.desk.acting.holding import Held
from services.desk.acting.taking import Conflict
from services.desk.store import live, pending, staff
from services.desk.web.api.asking import Id, identity
from services.desk.web.api.leads import whole
from services.desk.web.door.access import Person, prove
from services.desk.web.door.forms import fields, number
from services.desk.web.drawing import wrong
from services.desk.web.drawing.telling import told
from services.desk.web.language import of_person
from services.desk.web.pages import inbox
from services.desk.web.phrases import Say
from services.desk.web.place import desk_of
from services.desk.web.who import Staff

router = APIRouter(include_in_schema=False)

SNOOZES: Final = {"tomorrow": 1, "in_three_days": 3, "next_week": 7}
ROW: Final = "x-row"
"""The header of a key pressed in the list: it is answered with the lead's row."""
NOTICES: Final = frozenset({"settled", "pending", "undone", "noted", "erased"})


@router.get("/leads/{item}")
async def lead(request: Request, item: Id, who: Person) -> Response:
    """One lead; an id that was joined to another leads there."""
    desk = desk_of(request)
    await desk.coming.read(item)
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        mark = await live.mark(tx, item)
        found = await whole(tx, item, of_person(request, content.organisation.languages))
        waits = await pending.of_leads(tx, [found["id"]], datetime.now(UTC))
        await staff.note(tx, staff.Deed(who.actor, "read", f"lead:{found['id']}"))
    if found["id"] != item:
        return RedirectResponse(f"/leads/{found['id']}", HTTPStatus.TEMPORARY_REDIRECT)
    done = request.query_params.get("done")
    notice = done if done in NOTICES else None
    return _drawn(request, content, who, found, waits=waits, mark=mark, notice=notice)


def _drawn(
    request: Request,
    content: Configuration,
    who: Staff,
    found: dict[str, Any],
    *,
    waits: list[dict[str, Any]],
    **given: Any,
) -> HTMLResponse:
    """The lead, or only its part where the page asks for it."""
    desk = desk_of(request)
    part = request.headers.get("hx-request") == "true"
    return desk.drawing.page(
        request,
        "lead_part.html" if part else "lead.html",
        content,
        who=who,
        lead=found,
        held=[shapes.pending(row) for row in waits],
        days=told(found["timeline"], ZoneInfo(content.organisation.time_zone)),
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
    key, shown = form.pop("key", None), form.pop("assignment", None)
    desk = desk_of(request)
    try:
        action = read(form)
        strange = action.unknown(desk.runtime.configurations.from_file().content)
    except ValidationError as error:
        words = wrong.words_of(error, form.get("action", ""))
        return await _again(request, item, who, refused=_spoken(request, words))
    if strange:
        return await _again(request, item, who, refused=_spoken(request, wrong.unknown(strange)))
    mark = digest(json.dumps(sorted(form.items())).encode())  # as posted: "tomorrow" goes on
    deed = staff.Deed(who.actor, action.action, f"lead:{item}", digest=mark)
    if action.action in HELD:
        return await _held(request, item, who, desk.holding.hold(item, action, key, deed, shown))
    try:
        outcome = await desk.acting.act(item, action, key, deed, assignment_id=shown)
    except Conflict as error:
        return await _again(request, item, who, refused=_words(request, error))
    return await _answer(request, item, who, outcome, noted=action.action == "note")


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


async def _held(request: Request, item: str, who: Staff, holding: Awaitable[Held]) -> Response:
    """Hold it back for a moment; the page then shows what is about to happen, and its undo."""
    try:
        held = await holding
    except Conflict as error:
        return await _again(request, item, who, refused=_words(request, error))
    return await _onward(request, held.lead_id or item, who, None)


@router.post("/undo")
async def undo(request: Request, who: Person) -> Response:
    """Take back what is about to be done; on to where the form came from."""
    form = await fields(request)
    prove(who, form.get("csrf", ""))
    desk = desk_of(request)
    activity, item = identity(form.get("activity", "")), form.get("lead", "")
    deed = staff.Deed(who.actor, "undo", f"activity:{activity}")
    try:
        row = await desk.holding.undo(activity, deed)
    except Conflict as error:
        if not item:
            raise
        return await _again(request, identity(item), who, refused=_words(request, error))
    if form.get("back") == "inbox" or row["lead_id"] is None:
        back = "/" if row["lead_id"] else "/quarantine"
        return RedirectResponse(back, HTTPStatus.SEE_OTHER)
    return await _onward(request, str(row["lead_id"]), who, "undone")


async def _answer(
    request: Request, item: str, who: Staff, outcome: Outcome, *, noted: bool
) -> Response:
    change = outcome.change
    if change and change["kind"] == "refused":
        content = desk_of(request).runtime.configurations.from_file().content
        tongue = of_person(request, content.organisation.languages)
        return await _again(request, item, who, refused=change[f"text_{tongue}"])
    notice = "pending" if not change else "noted" if noted else "settled"
    return await _onward(request, outcome.lead_id, who, notice)


async def _onward(request: Request, item: str, who: Staff, notice: str | None) -> Response:
    if request.headers.get("hx-request") == "true" or request.headers.get(ROW):
        return await _again(request, item, who, notice=notice)
    path = f"/leads/{item}" + (f"?done={notice}" if notice else "")
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


async def _again(request: Request, item: str, who: Staff, **given: Any) -> Response:
    desk = desk_of(request)
    if request.headers.get(ROW):
        said = _said(request, given)
        return await inbox.row(request, item, who, said, is_refused=bool(given.get("refused")))
    async with desk.runtime.database.transaction() as tx:
        content = (await desk.runtime.configurations.in_force(tx)).content
        mark = await live.mark(tx, item)
        found = await whole(tx, item, of_person(request, content.organisation.languages))
        waits = await pending.of_leads(tx, [found["id"]], datetime.now(UTC))
    response = _drawn(request, content, who, found, waits=waits, mark=mark, **given)
    if given.get("refused"):
        response.status_code = HTTPStatus.CONFLICT
    return response


async def refused(request: Request, item: str, who: Staff, words: Text) -> Response:
    """The lead again, with the reason why nothing was done."""
    return await _again(request, item, who, refused=_spoken(request, words))


def _said(request: Request, given: Mapping[str, Any]) -> str:
    """One sentence for somebody who looks at the list: what was done, or why not."""
    content = desk_of(request).runtime.configurations.from_file().content
    say = Say(of_person(request, content.organisation.languages))
    refused, notice = given.get("refused"), given.get("notice")
    return f"{say['wrong_form']} {refused}" if refused else say[notice] if notice else ""


def _words(request: Request, error: Conflict) -> str:
    return _spoken(request, Text(error.fa, error.en))


def _spoken(request: Request, words: Text) -> str:
    content = desk_of(request).runtime.configurations.from_file().content
    return words.of(of_person(request, content.organisation.languages))
