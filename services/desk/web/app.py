"""Builds the desk's application: the API, the pages, and the answers to what goes wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp
from typing_extensions import override

from libs.common.errors import Retry
from libs.common.runtime import Runtime
from services.desk.acting import taking
from services.desk.acting.acting import Acting
from services.desk.acting.entering import Entering
from services.desk.acting.holding import Holding
from services.desk.acting.pausing import Pausing
from services.desk.imports.importing import Importing
from services.desk.imports.working import Working
from services.desk.overviews.glance import Glances
from services.desk.web import api, health
from services.desk.web.api.described import described
from services.desk.web.coming import Coming, NotYet
from services.desk.web.door import access
from services.desk.web.door.access import SignInFirst
from services.desk.web.door.headers import Guard
from services.desk.web.door.problems import Problem, document, of_validation
from services.desk.web.drawing.drawing import STATIC, Drawing
from services.desk.web.language import of_program
from services.desk.web.pages import (
    add,
    board,
    codes,
    health_page,
    held,
    imports,
    inbox,
    lead,
    letters,
    links,
    live,
    me,
    persons,
    sign_in,
    sources,
)
from services.desk.web.pages import map as page_map
from services.desk.web.place import Desk, desk_of
from services.desk.web.watching import Watching

_PARTS: Final = (
    api,
    health,
    sign_in,
    me,
    live,
    inbox,
    lead,
    links,
    add,
    imports,
    board,
    page_map,
    codes,
    health_page,
    sources,
    held,
    letters,
    persons,
)

_log = structlog.get_logger("desk")


def build(
    runtime: Runtime,
    watching: Watching | None = None,
    working: Working | None = None,
    hurry: Callable[[], None] = lambda: None,
) -> ASGIApp:
    """The application. Nothing is connected until the first request needs it."""
    app = FastAPI(
        title="Sarnakh desk",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    way = taking.Taking(runtime, hurry)
    working = working or Working(runtime)
    app.state.desk = Desk(
        runtime,
        acting=Acting(way),
        entering=Entering(way),
        holding=Holding(runtime.database),
        importing=Importing(runtime, working),
        pausing=Pausing(way),
        glances=Glances(runtime),
        watching=watching or Watching(runtime.database, runtime.stop),
        coming=Coming(runtime.database),
        drawing=Drawing(),
    )
    for part in _PARTS:
        app.include_router(part.router)
    app.mount("/static", Kept(directory=STATIC))
    for kind in _PROBLEMS:
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(SignInFirst, _way_in)
    app.openapi = described(app)  # type: ignore[method-assign]  # FastAPI's own way to extend
    return Guard(app)


class Kept(StaticFiles):
    """Static files, named with their digest by the pages, so a browser asks once."""

    @override
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


async def _way_in(request: Request, _error: Exception) -> Response:
    onward = request.url.path if request.method == "GET" else "/"
    if request.url.query and request.method == "GET":
        onward += f"?{request.url.query}"
    path = f"/sign-in?{urlencode({'next': onward})}" if onward != "/" else "/sign-in"
    if request.headers.get("hx-request") == "true":
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": path})
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def _language(request: Request) -> str:
    active = desk_of(request).runtime.configurations.from_file()
    return of_program(request, active.content.organisation.languages)


def _reused(_request: Request, _error: Any) -> Problem:
    detail = "this Idempotency-Key was used for another action"
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)


def _conflict(request: Request, error: Any) -> Problem:
    return Problem(HTTPStatus.CONFLICT, error.fa if _language(request) == "fa" else error.en)


_PROBLEMS: Final[dict[type[Exception], Callable[[Request, Any], Problem]]] = {
    Problem: lambda _request, error: error,
    RequestValidationError: lambda _request, error: of_validation(error),
    HTTPException: lambda _request, error: Problem(error.status_code, "", error.headers),
    Retry: lambda _request, _error: Problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "try again in a moment", {"Retry-After": "2"}
    ),
    taking.Unknown: lambda _request, _error: Problem(
        HTTPStatus.NOT_FOUND, "there is nothing with this id"
    ),
    NotYet: lambda _request, _error: Problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "this lead is yet to be read", {"Retry-After": "5"}
    ),
    taking.Conflict: _conflict,
    taking.KeyReused: _reused,
    Exception: lambda _request, _error: Problem(HTTPStatus.INTERNAL_SERVER_ERROR),
}
"""What each error is to the caller; a bug is told without its details."""


async def _answer(request: Request, error: Exception) -> Response:
    kind = next(kind for kind in type(error).__mro__ if kind in _PROBLEMS)
    problem = _PROBLEMS[kind](request, error)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request_failed", method=request.method, exc_info=error)
    page = not request.url.path.startswith("/api")
    if page and "text/html" in request.headers.get("accept", ""):
        return await _error_page(request, problem)
    return document(problem)


async def _error_page(request: Request, problem: Problem) -> Response:
    desk = desk_of(request)
    who = None
    if problem.status < HTTPStatus.INTERNAL_SERVER_ERROR:  # past it the database may be away
        with contextlib.suppress(Retry, asyncpg.PostgresError):
            who = await access.signed_in(request)
    content = desk.runtime.configurations.from_file().content
    known = problem.status if problem.status in _PAGES else HTTPStatus.INTERNAL_SERVER_ERROR
    name = f"error_{int(known)}"
    response = desk.drawing.page(
        request, "error.html", content, status=problem.status, who=who, name=name
    )
    response.headers.update(problem.headers)
    if request.headers.get("hx-request") == "true":
        response.headers["HX-Retarget"] = "body"  # it is a page, whichever part was asked for
    return response


_PAGES: Final = frozenset({403, 404, 422, 500, 503})
"""Statuses that have words of their own."""
