"""The way in and out: the API token becomes a session."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.desk.web.door import access
from services.desk.web.door.access import Person
from services.desk.web.door.forms import fields
from services.desk.web.place import desk_of

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def ask(request: Request) -> Response:
    """The form; whoever is in already goes on."""
    if await access.signed_in(request):
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)
    return _form(request, onward(request.query_params.get("next", "")))


@router.post("/sign-in")
async def enter(request: Request) -> Response:
    """Open a session for whoever has the token."""
    access.refuse_foreign(request)
    form = await fields(request)
    place = onward(form.get("next", ""))
    if _is_exposed(request):
        return _form(request, place, wrong="insecure", status=HTTPStatus.FORBIDDEN)
    given = form.get("token", "").strip()
    if not access.is_token(desk_of(request).runtime, given):
        return _form(request, place, wrong="wrong_token", status=HTTPStatus.UNAUTHORIZED)
    response = RedirectResponse(place, HTTPStatus.SEE_OTHER)
    await access.begin(request, response)
    return response


@router.post("/sign-out")
async def leave(request: Request, who: Person) -> Response:
    """Close the session."""
    form = await fields(request)
    access.prove(who, form.get("csrf", ""))
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    await access.end(request, response)
    return response


def onward(path: str) -> str:
    """A place of ours to go on to, never another site's."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\", "/sign-"))
    return path if ours and path.isprintable() else "/"


def _is_exposed(request: Request) -> bool:
    """Whether a browser came by plain http from over a network, where no cookie would hold.

    Browsers send Sec-Fetch-Site only to https and loopback; Origin goes with every form.
    """
    origin = request.headers.get("origin")
    by_browser = origin is not None and not origin.startswith("https:")
    return by_browser and "sec-fetch-site" not in request.headers and not access.is_plain(request)


def _form(
    request: Request, place: str, wrong: str | None = None, status: int = HTTPStatus.OK
) -> HTMLResponse:
    desk = desk_of(request)
    content = desk.runtime.configurations.from_file().content
    return desk.drawing.page(
        request, "sign_in.html", content, status=status, onward=place, wrong=wrong
    )
