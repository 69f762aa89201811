"""Calls of a bot API as Telegram and Bale have it, and what is known of each afterwards.

https://core.telegram.org/bots/api#making-requests. The bot's token is part of the address, so
no address and no text of an error ever leaves this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import msgspec

from services.routing.channels.calling import (
    BAD_ADDRESS,
    NOT_HEARD,
    UNCERTAIN,
    code,
    patience,
    session,
)
from services.routing.channels.retry_after import retry_after

ANSWER_SECONDS: Final = 6.0


class _Parameters(msgspec.Struct):
    retry_after: float | None = None
    migrate_to_chat_id: int | str | None = None


class _Body(msgspec.Struct):
    ok: bool
    result: msgspec.Raw = msgspec.Raw(b"null")
    error_code: int = 0
    description: str = ""
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


_DECODER: Final = msgspec.json.Decoder(_Body)


class Done(NamedTuple):
    """The call was carried out."""

    result: msgspec.Raw


class Denied(NamedTuple):
    """The call was certainly not carried out."""

    code: int
    """The API's own, like an HTTP status; 0 where no connection came about."""
    error: str
    retry_after: float | None = None
    unchanged: bool = False
    """An edit that would have changed nothing."""
    moved_to: str | None = None
    """The id that the chat has now: groups get another when they are upgraded."""
    unread: bool = False
    """Its markup was not understood."""


class Silence(NamedTuple):
    """The call was made, and nobody knows."""

    error: str


Answer = Done | Denied | Silence


class BotApi:
    """One pool of connections for all bots of an installation."""

    def __init__(self, most: int = 16) -> None:
        self._http = session(most)

    async def call(
        self, base: str, token: str, method: str, arguments: dict[str, Any], seconds: float
    ) -> Answer:
        """Call a method of the bot with this token; `seconds` bounds the wait for its answer."""
        address = f"{base.rstrip('/')}/bot{token}/{method}"
        try:
            async with self._http.post(
                address, json=arguments, timeout=patience(seconds), allow_redirects=False
            ) as answer:
                return _judge(answer.status, answer.headers, await answer.read())
        except NOT_HEARD as error:
            return Denied(0, code(error))
        except BAD_ADDRESS:
            return Denied(0, "bad_address")
        except UNCERTAIN as error:
            return Silence(code(error))

    async def close(self) -> None:
        """Close the pool."""
        await self._http.close()


def _judge(status: int, headers: Mapping[str, str], content: bytes) -> Answer:
    is_success = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    try:
        body = _DECODER.decode(content)
    except (msgspec.DecodeError, ValueError):
        body = None
    if body is not None and body.ok and is_success:
        return Done(body.result)
    code = (body.error_code if body else 0) or status
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR or (body is None and is_success):
        return Silence(f"http_{code}")
    named = body.parameters if body else _Parameters()
    said = body.description if body else ""
    waits = [named.retry_after, retry_after(headers.get("retry-after"), datetime.now(UTC))]
    return Denied(
        code,
        f"http_{code}",
        retry_after=max((wait for wait in waits if wait), default=None),
        unchanged="message is not modified" in said,
        moved_to=str(named.migrate_to_chat_id) if named.migrate_to_chat_id else None,
        unread="can't parse entities" in said,
    )
