"""Builds the desk's application: the API, the pages, and the answers to what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from libs.common.errors import Retry
from libs.common.runtime import Runtime
from services.desk import acting
from services.desk.web import api, health
from services.desk.web.headers import Guard
from services.desk.web.language import of_program
from services.desk.web.place import Desk, desk_of
from services.desk.web.problems import Problem, document, of_validation


def build(runtime: Runtime) -> ASGIApp:
    """The application. Nothing is connected until the first request needs it."""
    app = FastAPI(
        title="Sarnakh desk",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.desk = Desk(runtime, acting.Acting(runtime))
    for part in (api.router, health.router):
        app.include_router(part)
    for kind in _PROBLEMS:
        app.add_exception_handler(kind, _answer)
    return Guard(app)


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
    acting.Unknown: lambda _request, _error: Problem(
        HTTPStatus.NOT_FOUND, "there is nothing with this id"
    ),
    acting.Conflict: _conflict,
    acting.KeyReused: _reused,
    Exception: lambda _request, _error: Problem(HTTPStatus.INTERNAL_SERVER_ERROR),
}
"""What each error is to the caller; a bug is told without its details."""


async def _answer(request: Request, error: Exception) -> Response:
    kind = next(kind for kind in type(error).__mro__ if kind in _PROBLEMS)
    return document(_PROBLEMS[kind](request, error))
