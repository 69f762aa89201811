"""Calls of a bot API as Telegram and Bale have it, and what is known of each afterwards.

https://core.telegram.org/bots/api#making-requests. The bot's token is part of the address, so
no address and no text of an error ever leaves this file.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import httpx
import msgspec

from services.routing.channels.retry_after import retry_after

CONNECT_SECONDS: Final = 3.0
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
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=most, max_keepalive_connections=4),
        )

    async def call(
        self, base: str, token: str, method: str, arguments: dict[str, Any], seconds: float
    ) -> Answer:
        """Call a method of the bot with this token; `seconds` bounds the wait for its answer."""
        timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS)
        try:
            address = f"{base.rstrip('/')}/bot{token}/{method}"
            answer = await self._client.post(address, json=arguments, timeout=timeout)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Denied(0, type(error).__name__)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
            return Denied(0, "bad_address")
        except httpx.HTTPError as error:
            return Silence(type(error).__name__)
        return _judge(answer)

    async def close(self) -> None:
        """Close the pool."""
        await self._client.aclose()


def _judge(answer: httpx.Response) -> Answer:
    status = answer.status_code
    try:
        body = _DECODER.decode(answer.content)
    except (msgspec.DecodeError, ValueError):
        body = None
    if body is not None and body.ok and answer.is_success:
        return Done(body.result)
    code = (body.error_code if body else 0) or status
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR or (body is None and answer.is_success):
        return Silence(f"http_{code}")
    named = body.parameters if body else _Parameters()
    said = body.description if body else ""
    waits = [named.retry_after, retry_after(answer.headers.get("retry-after"), datetime.now(UTC))]
    return Denied(
        code,
        f"http_{code}",
        retry_after=max((wait for wait in waits if wait), default=None),
        unchanged="message is not modified" in said,
        moved_to=str(named.migrate_to_chat_id) if named.migrate_to_chat_id else None,
        unread="can't parse entities" in said,
    )
