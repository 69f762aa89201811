"""The page that asks again: the form with everything that was typed, and why it comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from libs.common.events import Text
from libs.common.normal.names import COMMON, folded, text_of
from services.capture.calls.call import Answer
from services.capture.calls.problems import TITLES, Problem
from services.capture.door.directory import Place
from services.capture.pages import Field, Pages

LABELS: Final[dict[str, Text]] = {
    "name": Text("نام و نام خانوادگی", "Name"),
    "first_name": Text("نام", "First name"),
    "last_name": Text("نام خانوادگی", "Last name"),
    "phone": Text("شمارهٔ تلفن", "Phone"),
    "email": Text("ایمیل", "E-mail"),
    "company": Text("شرکت", "Company"),
    "message": Text("پیام", "Message"),
}


def asked_again(
    pages: Pages,
    place: Place,
    values: Mapping[str, Any],
    problem: Problem,
    seen: tuple[str | None, str],
) -> Answer:
    """The page; `seen` is the page of origin, which would be lost otherwise, and the language."""
    page, language = seen
    known = {**values, "page_url": page} if page else values
    shown, hidden = _inputs(place, known, problem.fields)
    answer = pages.again(
        (TITLES[problem.status], problem.detail, language),
        f"/v1/forms/{place.form.key}",
        (shown, hidden),
        (place.site.hosts, origin_of(place.form.thank_you)),
        problem.status,
    )
    return answer._replace(headers=(*answer.headers, *problem.headers))


def _inputs(
    place: Place, values: Mapping[str, Any], wanted: tuple[str, ...]
) -> tuple[list[Field], list[tuple[str, str]]]:
    """What the visitor sees to fill in, and what goes along unseen."""
    shown: list[Field] = []
    taken: set[str] = set()
    for ours in (*LABELS, *(name for name in wanted if name not in LABELS)):
        theirs = _theirs(place, values, ours)
        if theirs in taken or (theirs not in values and ours not in wanted):
            continue
        taken.add(theirs)
        label = LABELS.get(ours, Text(ours, ours))
        value = text_of(values.get(theirs))
        shown.append(Field(label, theirs, value, ours in wanted, ours == "message"))
    hidden = [
        (name, text)
        for name, value in values.items()
        if name not in taken
        for text in _texts(value)
    ]
    return shown, hidden


def _theirs(place: Place, values: Mapping[str, Any], ours: str) -> str:
    """The name under which this form sends one of our fields."""
    mapped = place.form.fields.get(ours)
    if mapped:
        return mapped
    known = {folded(name) for name in COMMON.get(ours, (ours,))}
    return next((name for name in values if folded(name) in known), ours)


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, str):
        return [value]
    return [text_of(value)] if isinstance(value, int | float) else []


def origin_of(url: str | None) -> str | None:
    """Scheme and host of an address."""
    if not url:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None
