"""What the answers of REST APIs ask for that tell their errors by HTTP status (RFC 9110, 6585)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from services.capture.sources.arrival import DUPLICATES, UNEXPECTED, Arrival
from services.capture.sources.fetch import Failed, Item, Missing, Refused, Reply, Throttled, Trouble

_NOT_THERE: Final = frozenset({400, 404, 410})
"""Not there, or asked for as it cannot be: the same to whoever has to look at it."""
_LONGEST: Final = 24 * 3600.0
_MOST_DIGITS: Final = 9


def bearing(source: Source) -> dict[str, str]:
    """The token where no log sees it, and the type that is wanted."""
    return {"authorization": f"Bearer {source.access_token or ''}", "accept": "application/json"}


def trouble(reply: Reply, code: str, wait: float | None = None) -> Trouble | None:
    """What went wrong, under the platform's own code; None for a good answer.

    `wait` is in seconds, for a platform that throttles without Retry-After.
    """
    if reply.status == HTTPStatus.OK:
        return None
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(code, _retry_after(reply) or wait)
    if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Refused(code, everywhere=reply.status == HTTPStatus.UNAUTHORIZED)
    return Missing(code) if reply.status in _NOT_THERE else Failed(code)


def json_object(body: bytes) -> dict[str, Any] | None:
    """The object that was answered; None where it is none, or says a name twice.

    Raises Unreadable for an answer that was cut.
    """
    value, flags = parse(body)
    return value if isinstance(value, dict) and DUPLICATES not in flags else None


def listed_in(reply: Reply, name: str) -> tuple[dict[str, Any], list[Any]] | Failed:
    """A page of a list as it was answered, and what it lists under this name."""
    try:
        body = json_object(reply.body) or {}
    except Unreadable:
        return Failed("cut_answer")
    listed = body.get(name)
    return (body, listed) if isinstance(listed, list) else Failed("no_list")


def error_of(reply: Reply) -> dict[str, Any]:
    """The error's own object; empty for a proxy's page."""
    try:
        return json_object(reply.body) or {}
    except Unreadable:
        return {}


def unread(item: Item, reply: Reply) -> Arrival:
    """An answer that is not what it should be: held with its bytes, for a human."""
    return Arrival(item.key, reply.body, held=UNEXPECTED, raw=reply.body)


def _retry_after(reply: Reply) -> float | None:
    text = reply.headers.get("retry-after", "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        return None
    return min(float(text), _LONGEST) or None
