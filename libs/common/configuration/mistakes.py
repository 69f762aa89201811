"""The schema's complaints, told as a person who edits the file needs them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from libs.common.configuration import parts, schema
from libs.common.configuration.problems import Lines, Path, Problem

_SHAPES: Final = {
    parts.KEY: (
        "فقط حرف لاتین، رقم، خط تیره و زیرخط",
        "takes Latin letters, digits, - and _ only",
    ),
    schema.HOURS: ("باید مثل 09:00-17:00 باشد", "must be written as 09:00-17:00"),
    schema.RATE: (
        "باید مثل 120/min باشد، یا off",
        "must be written as 120/min (or /s, /h), or off",
    ),
    schema.COUNTRY: ("باید کد دوحرفی کشور باشد", "must be a country's two letters, as in IR"),
}
_PLAIN: Final = {
    "missing": ("لازم است و نیامده", "is required"),
    "tuple_type": ("باید فهرست باشد", "takes a list"),
    "string_type": ("باید متن باشد", "takes text"),
    "int_parsing": ("باید عدد درست باشد", "takes a whole number"),
    "float_parsing": ("باید عدد باشد", "takes a number"),
    "bool_parsing": ("باید true یا false باشد", "takes true or false"),
}


def told(error: ValidationError, written: Any, lines: Lines) -> list[Problem]:
    """One problem for each place: of several alternatives the one that came nearest speaks."""
    found: dict[Path, Problem] = {}
    for each in error.errors():
        path = _place(each["loc"], written, missing=each["type"] == "missing")
        found[path] = _problem(each, path, lines)
    return [
        problem
        for path, problem in found.items()
        if not any(other != path and other[: len(path)] == path for other in found)
    ]


def _problem(error: ErrorDetails, path: Path, lines: Lines) -> Problem:
    """A sentence that never holds the value: it may be a secret."""
    return lines.problem(path, *_sentence(error, path))


def _sentence(error: ErrorDetails, path: Path) -> tuple[str, str]:
    kind, message = error["type"], error["msg"]
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), _siblings(path), n=1)
        if near:
            return f"نام ناشناخته است؛ شاید {near[0]}", f"is not known; did you mean {near[0]}?"
        return "نام ناشناخته است", "is not a known name"
    if kind == "literal_error":
        expected = str(error["ctx"]["expected"])
        return f"باید یکی از این‌ها باشد: {expected}", f"must be one of {expected}"
    if kind == "string_pattern_mismatch" and error["ctx"]["pattern"] in _SHAPES:
        return _SHAPES[error["ctx"]["pattern"]]
    return f"مقدار درست نیست ({message})", message


def _place(location: tuple[int | str, ...], written: Any, *, missing: bool) -> Path:
    """Pydantic's location without the names it adds for alternatives (`Week`, `literal[…]`)."""
    path: Path = ()
    here = written
    for position, part in enumerate(location):
        last = position == len(location) - 1
        if isinstance(here, dict) and (part in here or (missing and last)):
            path, here = (*path, part), here.get(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            path, here = (*path, part), here[part]
    return path


def _siblings(path: Path) -> list[str]:
    """The names that the schema knows where `path` ends."""
    part: Any = schema.Configuration
    for name in path[:-1]:
        if not isinstance(name, int):
            part = _below(part, name)
    fields = getattr(part, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _below(part: Any, name: str) -> Any:
    fields = getattr(part, "model_fields", {})
    if name not in fields:
        return part
    return next(iter(_models(fields[name].annotation)), None)


def _models(annotation: Any) -> Iterator[Any]:
    if hasattr(annotation, "model_fields"):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models(argument)
