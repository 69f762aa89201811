"""Errors as problem documents (RFC 9457), or as a page where a person asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from services.desk.values import shown

MEDIA_TYPE = "application/problem+json"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
"""What is no name may be a value in a name's place, and is not said back."""


class Problem(Exception):
    """An error that the caller is told."""

    def __init__(
        self, status: int, detail: str = "", headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more


def document(problem: Problem) -> JSONResponse:
    """The problem as JSON."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        **({"detail": problem.detail} if problem.detail else {}),
        **problem.more,
    }
    return JSONResponse(body, problem.status, problem.headers, MEDIA_TYPE)


def of_validation(error: RequestValidationError) -> Problem:
    """Which parameter or field is wrong, and how; never what was sent."""
    found: dict[str, str] = {}
    for one in error.errors():
        place = one["loc"]
        within = place[1:2] if place[0] == "query" else place[1:]
        field = shown(".".join(str(part) for part in within))
        field = field if _NAME.fullmatch(field) else str(place[0])
        found.setdefault(field, one["msg"].removeprefix("Value error, "))
    errors = [{"field": field, "problem": problem} for field, problem in found.items()]
    detail = "; ".join(f"{one['field']}: {one['problem']}" for one in errors)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)
