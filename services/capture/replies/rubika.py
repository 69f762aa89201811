"""Rubika: `sendMessage` of its bots; errors are told in the body, under HTTP 200.

https://www.rubika.ir/botapi
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from libs.common.configuration.schema import Source
from services.capture.replies.contract import (
    JSON,
    Busy,
    Denied,
    Outcome,
    Post,
    Replying,
    Sent,
    Unknown,
    below,
    encoded,
)
from services.capture.sources.fetch import Reply
from services.capture.sources.rest import error_of
from services.capture.sources.values import texts

_LATER: Final = frozenset({"INVALID_AUTH", "TOO_REQUESTS"})


def post(address: Mapping[str, str], text: str, source: Source) -> Post:
    """The token is part of the address."""
    url = f"{below(source, 'https://botapi.rubika.ir')}/v3/{source.access_token}/sendMessage"
    return Post(url, JSON, encoded({"chat_id": address["chat"], "text": text}))


def read(reply: Reply) -> Outcome:
    """By `status`; an answer without one says nothing."""
    status = texts(error_of(reply), "status").get("status")
    if status == "OK":
        return Sent()
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS or status in _LATER:
        return Busy(status or "http_429")
    is_refused = HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
    if status or is_refused:
        return Denied(status or f"http_{reply.status}")
    return Unknown(f"http_{reply.status}")


RUBIKA: Final = Replying("rubika", post, read)
