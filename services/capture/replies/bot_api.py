"""Telegram and Bale: `sendMessage`, as plain text, by the source's own bot.

https://core.telegram.org/bots/api#sendmessage, https://docs.bale.ai
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
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
from services.capture.sources.values import mapping

_LATER: Final = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS}
)
"""404 is what an unknown token gets: the methods are below it."""


def post(api: str, address: Mapping[str, str], text: str, source: Source) -> Post:
    """No `parse_mode`: nothing in the text is markup."""
    url = f"{below(source, api)}/bot{source.access_token}/sendMessage"
    return Post(url, JSON, encoded({"chat_id": address["chat"], "text": text}))


def read(reply: Reply) -> Outcome:
    """The API's own code, which may be another than HTTP's."""
    body = error_of(reply)
    if body.get("ok") is True:
        return Sent()
    given = body.get("error_code")
    code = given if isinstance(given, int) else reply.status
    name = f"http_{code}"
    if code < HTTPStatus.BAD_REQUEST or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unknown(name)
    after = mapping(body.get("parameters")).get("retry_after")
    seconds = float(after) if isinstance(after, int | float) and after > 0 else None
    return Busy(name, seconds) if code in _LATER else Denied(name)


TELEGRAM: Final = Replying("telegram", partial(post, "https://api.telegram.org"), read)
BALE: Final = Replying("bale", partial(post, "https://tapi.bale.ai"), read)
