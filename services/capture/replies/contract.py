"""How a chat is answered: what to ask of the platform, and what its reply means.

Pure, as the kinds of sources are. docs/decisions/0017-auto-replies.md
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import msgspec

from libs.common.configuration.schema import Source
from services.capture.sources.fetch import Failed, Refused, Reply, Result, Throttled

JSON: Final = {"content-type": "application/json", "accept": "application/json"}


class Post(NamedTuple):
    """A POST. Where the token is part of the URL, no line of a log may have that."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Sent(NamedTuple):
    """The platform took it."""


class Denied(NamedTuple):
    """It was certainly not sent, and will not be: the chat is closed or has blocked us."""

    code: str


class Busy(NamedTuple):
    """It was certainly not sent, and may be later: the source as a whole has to wait."""

    code: str
    after: float | None = None
    """Seconds, where the platform says so."""


class Unknown(NamedTuple):
    """Nobody knows whether it was sent, so that it is not sent again: rather none than two."""

    code: str


Outcome = Sent | Denied | Busy | Unknown


class Replying(NamedTuple):
    """A platform whose chats can be answered."""

    kind: str
    post: Callable[[Mapping[str, str], str, Source], Post]
    """What to ask, of an address as the kind's arrivals have it (`Arrival.reply`)."""
    read: Callable[[Reply], Outcome]
    """What the reply means."""


def encoded(body: Mapping[str, Any]) -> bytes:
    """A body in JSON."""
    return msgspec.json.encode(body)


def below(source: Source, address: str) -> str:
    """Where the platform's API is: the operator's own address, else the given one."""
    return (source.api_url or address).rstrip("/")


def is_good(reply: Reply) -> bool:
    """Whether HTTP says that it was done."""
    return HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES


def judged(reply: Reply, trouble: Result | None) -> Outcome:
    """The outcome, by what reading the trouble of a fetch has made of it."""
    match trouble:
        case None:
            return Sent()
        case Throttled(code, after):
            return Busy(code, after)
        case Refused(code, everywhere=True):
            return Busy(code)
        case Failed(code) if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Unknown(code)
        case Failed(code) | Refused(code):
            return Denied(code)
    return Denied(getattr(trouble, "code", "refused"))
