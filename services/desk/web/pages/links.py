"""The page behind a link in a message: no sign-in, it shows, and only its forms act.

Mail scanners and chat previews open every link they see, so opening changes nothing. Whoever
has the link is taken for the specialist it was sent to, for this lead alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, Literal, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from libs.common import links
from libs.common.configuration import Configuration
from libs.common.events import digest
from libs.common.links import Grant
from libs.common.runtime import Runtime
from services.desk import shapes
from services.desk.acting.actions import Action
from services.desk.acting.taking import KeyReused
from services.desk.stage import specialists
from services.desk.store import finding, staff
from services.desk.web.coming import NotYet
from services.desk.web.door.access import refuse_foreign
from services.desk.web.door.forms import fields
from services.desk.web.door.problems import Problem
from services.desk.web.language import of_person
from services.desk.web.phrases import Say
from services.desk.web.place import desk_of

router = APIRouter(include_in_schema=False)

REASONS: Final = ("busy", "field", "number", "spam", "other")
_NOTICES: Final = frozenset({"noted", "pending", "refused"})
_KINDS: Final[dict[str, Literal["accept", "contacted", "decline"]]] = {
    "accept": "accept",
    "contacted": "contacted",
    "decline": "decline",
}
_IS_SO: Final[Mapping[str, Callable[[dict[str, Any]], bool]]] = {
    "accept": lambda body: body.get("accepted_at") is not None,
    "contacted": lambda body: body.get("contacted_at") is not None,
    "decline": lambda body: body.get("accepted_at") is None,
}
"""Whether a lead shows what the action does."""
_NUMBER: Final = re.compile("[0-9]{1,9}", re.ASCII)


class Void(NamedTuple):
    """Why a link does nothing any more: a phrase, and the name that it mentions."""

    phrase: str
    name: str = ""


@router.api_route("/a/{token}", methods=["GET", "HEAD"])
async def show(request: Request, token: str) -> Response:
    """How the lead stands, and what may be done; changes nothing."""
    content, grant, lead = await _opened(request, token)
    void = _void(content, grant, lead)
    if grant is None or lead is None or void:
        return _closed(request, content, void or Void("expired"))
    notice = request.query_params.get("done", "")
    return _guarded(
        desk_of(request).drawing.page(
            request,
            "link.html",
            content,
            lead=shapes.lead(lead, of_person(request, content.organisation.languages)),
            reasons=REASONS,
            notice=notice if notice in _NOTICES else None,
        )
    )


@router.post("/a/{token}")
async def act(request: Request, token: str) -> Response:
    """Do what the form says, as the specialist whom the link was sent to.

    Twice from one page is once; what the lead's page offers again later is done again.
    """
    refuse_foreign(request)
    content, grant, lead = await _opened(request, token)
    void = _void(content, grant, lead)
    if grant is None or lead is None or void:
        return _closed(request, content, void or Void("expired"))
    form = await fields(request)
    language = of_person(request, content.organisation.languages)
    action = _action(form.get("action", ""), form.get("reason", ""), Say(language))
    mark = digest(action.model_dump_json().encode())
    deed = staff.Deed(grant.specialist, action.action, f"lead:{lead['id']}", digest=mark)
    assignment = lead["body"]["assignment"]["id"]
    try:
        key = await _key(request, grant, lead, action.action, form.get("version", ""))
        outcome = await desk_of(request).acting.act(
            str(lead["id"]), action, key, deed, assignment_id=assignment
        )
    except KeyReused:
        notice = "refused"
    else:
        change = outcome.change
        notice = "pending" if change is None else "noted"
        notice = "refused" if change and change["kind"] == "refused" else notice
    return _guarded(
        RedirectResponse(f"{request.url.path}?lang={language}&done={notice}", HTTPStatus.SEE_OTHER)
    )


async def _key(
    request: Request, grant: Grant, lead: dict[str, Any], action: str, shown: str
) -> str:
    """What makes a press the same as another: the action, and the version of the lead on the page.

    A page that is older than what came of its press counts as the newest one where the lead no
    longer shows it, for instance in a browser that went back: nobody is told of an older change.
    """
    body, acting = lead["body"], desk_of(request).acting
    newest = f"link {grant.notification_id} {action} {body['version']}"
    version = int(shown) if _NUMBER.fullmatch(shown) else body["version"]
    if version >= body["version"]:
        return newest
    key = f"link {grant.notification_id} {action} {version}"
    is_past = not _IS_SO[action](body) and await acting.has_come_of(str(lead["id"]), key)
    return newest if is_past else key


def _action(name: str, reason: str, say: Say) -> Action:
    """The action of a form. Raises Problem 422 for what is none of its own."""
    kind = _KINDS.get(name)
    if kind is None or (kind == "decline" and reason not in REASONS):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "choose one of the buttons")
    return Action(action=kind, reason=say[f"link_{reason}"] if kind == "decline" else None)


async def _opened(
    request: Request, token: str
) -> tuple[Configuration, Grant | None, dict[str, Any] | None]:
    runtime: Runtime = desk_of(request).runtime
    grant = links.read(runtime.token, token, datetime.now(UTC))
    if grant:
        await desk_of(request).coming.read(grant.lead_id)
    async with runtime.database.transaction() as tx:
        content = (await runtime.configurations.in_force(tx)).content
        lead = await finding.one(tx, grant.lead_id) if grant else None
    if grant and lead is None:  # we wrote its link: there is one
        raise NotYet
    return content, grant, lead


def _void(content: Configuration, grant: Grant | None, lead: dict[str, Any] | None) -> Void | None:
    people = specialists(content)
    if grant is None or lead is None or grant.specialist not in people:
        return Void("expired")
    body = lead["body"]
    if body["state"] != "open":
        return Void(body["state"])
    assignment = body.get("assignment")
    if assignment is None:
        return Void("nobody")
    if assignment["specialist"] != grant.specialist:
        owner = assignment["specialist"]
        return Void("elsewhere", people.get(owner, owner))
    return None


def _closed(request: Request, content: Configuration, void: Void) -> Response:
    page = desk_of(request).drawing.page(
        request, "link_void.html", content, status=HTTPStatus.GONE, void=void
    )
    return _guarded(page)


def _guarded(response: Response) -> Response:
    """The address is a key to the lead: no search engine and no cache may keep it."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "no-store"
    return response
