"""What the API's own description says beyond the framework's: problems, and who may ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI

from services.desk.web.door.problems import MEDIA_TYPE

_PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "problem": {"type": "string"}},
            },
        },
    },
}
_ALWAYS: Final = {
    "401": "The token is missing or wrong",
    "403": "The session's call does not carry its own token",
    "414": "An address above 16 KiB",
    "422": "A parameter or field is unknown, or has a bad value",
    "503": "The database is away; see Retry-After",
}
_WITH_A_BODY: Final = {"400": "Unreadable", "413": "Over 64 KiB"}
_OF_ONE_THING: Final = {"404": "There is nothing with this id"}
_CHANGING: Final = {"409": "What is asked for does not fit what is"}


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """The application's `openapi` with what the framework cannot know."""
    of_the_framework = app.openapi

    def openapi() -> dict[str, Any]:
        document = of_the_framework()
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                operation["security"] = [{"token": []}]
                operation["responses"].update(_problems(path, method, operation))
        components = document.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = _PROBLEM
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        return document

    return openapi


def _problems(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    said = dict(_ALWAYS)
    if "requestBody" in operation:
        said |= _WITH_A_BODY
    if "{" in path:
        said |= _OF_ONE_THING
    if method == "post":
        said |= _CHANGING
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": text, "content": content} for status, text in said.items()}
