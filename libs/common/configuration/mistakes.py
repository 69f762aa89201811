"""The schema's complaints, told as a person who edits the file needs them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from libs.common.configuration import parts, schema
from libs.common.configuration.problems import MOST_TOLD, Lines, Path, Problem
from libs.common.normal.text import persian

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
    schema.EVERY: ("باید مثل 1h یا 30m باشد، یا off", "must be written as 1h or 30m, or off"),
    schema.COUNTRY: ("باید کد دوحرفی کشور باشد", "must be a country's two letters, as in IR"),
}
_TEXT: Final = ("باید متن باشد", "takes text")
_LIST: Final = ("باید فهرست باشد", "takes a list")
_PARTS: Final = ("باید نام و مقدار باشد", "takes names with values")
_WHOLE: Final = ("باید عدد درست باشد", "takes a whole number")
_NUMBER: Final = ("باید عدد باشد", "takes a number")
_YES: Final = ("باید true یا false باشد", "takes true or false")
_DAY: Final = ("روز درستی نیست (2027-03-21 یا 1406-01-01)", "is no day (2027-03-21 or 1406-01-01)")
_STRANGE: Final = ("مقدار درستی نیست", "is no value that can stand here")
PLAIN: Final = {
    "missing": ("لازم است و نیامده", "is required"),
    "tuple_type": _LIST,
    "dict_type": _PARTS,
    "model_type": _PARTS,
    "model_attributes_type": _PARTS,
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": ("عددی بیش از اندازه بزرگ است", "is too large a number"),
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _YES,
    "bool_parsing": _YES,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
}
"""What is said of a kind of mistake, whatever the value; every kind that the schema can give
is here, below, or in `_sentence`."""
LIMITED: Final = {
    "greater_than_equal": ("ge", "باید دست‌کم {} باشد", "must be at least {}"),
    "greater_than": ("gt", "باید بیشتر از {} باشد", "must be more than {}"),
    "less_than_equal": ("le", "باید حداکثر {} باشد", "must be at most {}"),
    "less_than": ("lt", "باید کمتر از {} باشد", "must be less than {}"),
    "too_short": ("min_length", "دست‌کم {} مورد می‌خواهد", "needs at least {} of them"),
}
_NEAR: Final = 80
_QUOTED: Final = re.compile(r"'([^']*)'")
_READ: Final = 4 * MOST_TOLD
"""Complaints that are looked at: one place can have several, and nobody reads them all."""


def told(error: ValidationError, written: Any, lines: Lines) -> list[Problem]:
    """One problem for each place: of several alternatives the one that came nearest speaks."""
    found: dict[Path, Problem] = {}
    for each in error.errors(include_url=False, include_input=False)[:_READ]:
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
    kind, context = error["type"], error.get("ctx", {})
    if kind in PLAIN:
        return PLAIN[kind]
    if kind in LIMITED:
        name, fa, en = LIMITED[kind]
        limit = f"{context[name]:g}"
        return fa.format(persian(limit)), en.format(limit)
    if kind == "extra_forbidden":
        return _unknown(str(path[-1]), _siblings(path))
    if kind == "literal_error":
        return _one_of(_QUOTED.findall(str(context["expected"])))
    return _SHAPES.get(str(context.get("pattern")), _STRANGE)


def _unknown(name: str, known: list[str]) -> tuple[str, str]:
    near = difflib.get_close_matches(name[:_NEAR], known, n=1)
    if near:
        return f"نام ناشناخته است؛ شاید {near[0]}", f"is not known; did you mean {near[0]}?"
    return "نام ناشناخته است", "is not a known name"


def _one_of(expected: list[str]) -> tuple[str, str]:
    if len(expected) == 1:
        return f"باید {expected[0]} باشد", f"must be {expected[0]}"
    return (
        f"باید یکی از این‌ها باشد: {'، '.join(expected)}",
        f"must be one of {', '.join(expected)}",
    )


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
