"""Who sits here: one token opens the desk for all, and each says once who they are."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.desk.stage import specialists
from services.desk.web.door import access
from services.desk.web.door.access import Person, prove
from services.desk.web.door.forms import fields
from services.desk.web.door.problems import Problem
from services.desk.web.pages.sign_in import onward
from services.desk.web.place import desk_of

router = APIRouter(include_in_schema=False)


@router.get("/me")
async def ask(request: Request, who: Person) -> Response:
    """Every specialist by team, one button each."""
    desk = desk_of(request)
    content = desk.runtime.configurations.from_file().content
    back = onward(request.query_params.get("next", ""))
    return desk.drawing.page(
        request, "me.html", content, who=who, roster=content.teams, onward=back
    )


@router.post("/me")
async def choose(request: Request, who: Person) -> Response:
    """Sit down as one of them, or as nobody in particular."""
    form = await fields(request)
    prove(who, form.get("csrf", ""))
    chosen = form.get("specialist")
    if chosen and chosen not in specialists(desk_of(request).runtime.configurations.from_file()[1]):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "no such specialist")
    await access.sit(request, chosen)
    return RedirectResponse(onward(form.get("next", "")), HTTPStatus.SEE_OTHER)
