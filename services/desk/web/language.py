"""In which language somebody is answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from fastapi import Request

Language = Literal["fa", "en"]
COOKIE: Final = "lang"


def of_program(request: Request, languages: Sequence[Language]) -> Language:
    """For the API: `?lang`, else Accept-Language, else the organisation's first."""
    return (
        _named(request.query_params.get("lang")) or _accepted(request, ("fa", "en")) or languages[0]
    )


def of_person(request: Request, languages: Sequence[Language]) -> Language:
    """For the pages: `?lang`, else what was chosen before, else the browser's, else the first.

    The browser's only among the organisation's own.
    """
    chosen = _named(request.query_params.get("lang")) or _named(request.cookies.get(COOKIE))
    return chosen or _accepted(request, languages) or languages[0]


def _named(name: str | None) -> Language | None:
    if name == "fa":
        return "fa"
    return "en" if name == "en" else None


def _accepted(request: Request, languages: Sequence[Language]) -> Language | None:
    """The first of ours by weight (RFC 9110, section 12.5.4)."""
    wanted: list[tuple[float, Language]] = []
    for item in request.headers.get("accept-language", "").split(",")[:20]:
        tag, _, weight = item.strip().partition(";")
        language = _named(tag.strip().lower().split("-")[0])
        if language and language in languages:
            wanted.append((_weight(weight), language))
    wanted = [one for one in wanted if one[0] > 0]
    return max(wanted, key=lambda one: one[0])[1] if wanted else None


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
