"""A POST signed by Standard Webhooks, to an address that the operator wrote.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import msgspec

from libs.common.configuration.schema import Channel as ChannelSettings
from services.routing.channels.calling import (
    BAD_ADDRESS,
    NOT_HEARD,
    UNCERTAIN,
    code,
    patience,
    session,
)
from services.routing.channels.contract import Begin, Gone, Refused, Result, Sent, Unknown
from services.routing.channels.retry_after import retry_after
from services.routing.messages.message import Message, OfSource

ANSWER_SECONDS: Final = 8.0
_WORTH_ANOTHER_TRY: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
_ENCODER: Final = msgspec.json.Encoder()


class Webhook:
    """Any 2xx is delivered; the message's id is its `webhook-id`, so that repeats are seen."""

    name = "webhook"
    takes_id = True
    at_once = 64
    seconds = 10.0

    def __init__(self, now: Callable[[], datetime], answer_seconds: float = ANSWER_SECONDS) -> None:
        self._now = now
        self._http = session(self.at_once)
        self._patience = patience(answer_seconds)

    async def send(
        self, message: Message, address: str, settings: ChannelSettings | None, _begin: Begin
    ) -> Result:
        """Post it, and read no more of the answer than its head."""
        content = body(message)
        headers = signed(message.id, self._now(), content, settings.secret if settings else None)
        try:
            async with self._http.post(
                address,
                data=content,
                headers=headers,
                timeout=self._patience,
                allow_redirects=False,
            ) as answer:
                return self._judge(answer)
        except NOT_HEARD as error:
            return Refused(code(error))
        except BAD_ADDRESS:
            return Refused("bad_address", for_good=True)
        except UNCERTAIN as error:
            return Unknown(code(error))

    def _judge(self, answer: aiohttp.ClientResponse) -> Result:
        status = answer.status
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return Sent()
        if status == HTTPStatus.GONE:
            return Gone()
        again = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _WORTH_ANOTHER_TRY
        wait = retry_after(answer.headers.get("retry-after"), self._now())
        return Refused(f"http_{status}", for_good=not again, retry_after=wait)

    async def close(self) -> None:
        """Close the pool."""
        await self._http.close()


def body(message: Message) -> bytes:
    """The JSON of contract section 5, in UTF-8; of a summary, that of its list."""
    if message.bundle:
        return _body_of_bundle(message, *message.bundle)
    if message.of_source:
        return _body_of_source(message, message.of_source)
    contact = message.contact
    data: dict[str, Any] = {
        "notification_id": message.id,
        "kind": message.kind,
        "lead_id": message.lead_id,
        "submission_id": message.submission_id,
        "contact": {"name": contact.name, "phone": contact.phone, "email": contact.email},
        "team": message.team,
        "specialist": message.specialist,
        "page": message.page,
        "score": message.score,
        "stage": message.stage,
        "temperature": message.temperature,
        "why": message.why.of(message.language),
        "url": message.url,
    }
    planned = message.planned_at.astimezone(UTC)
    return _ENCODER.encode({"type": f"lead.{message.kind}", "timestamp": planned, "data": data})


def _body_of_bundle(message: Message, count: int, list_id: str, name: str) -> bytes:
    data: dict[str, Any] = {
        "notification_id": message.id,
        "kind": message.kind,
        "list": {"id": list_id, "name": name},
        "leads": count,
        "team": message.team,
        "specialist": message.specialist,
        "why": message.why.of(message.language),
        "url": message.url,
    }
    planned = message.planned_at.astimezone(UTC)
    return _ENCODER.encode({"type": "leads.listed", "timestamp": planned, "data": data})


def _body_of_source(message: Message, of_source: OfSource) -> bytes:
    data: dict[str, Any] = {
        "notification_id": message.id,
        "kind": message.kind,
        **of_source.told,
        "team": message.team,
        "specialist": message.specialist,
        "why": message.why.of(message.language),
        "url": message.url,
    }
    planned = message.planned_at.astimezone(UTC)
    return _ENCODER.encode({"type": of_source.type, "timestamp": planned, "data": data})


def signed(message_id: str, now: datetime, content: bytes, secret: str | None) -> dict[str, str]:
    """The headers of one attempt; without a secret there is no signature."""
    stamp = str(int(now.timestamp()))
    headers = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "sarnakh",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
    }
    if secret:
        mac = hmac.new(key(secret), f"{message_id}.{stamp}.".encode() + content, sha256)
        headers["webhook-signature"] = f"v1,{base64.b64encode(mac.digest()).decode()}"
    return headers


def key(secret: str) -> bytes:
    """The key of a secret: base64 after `whsec_` (padding optional), else its own bytes."""
    encoded = secret.removeprefix("whsec_")
    if encoded != secret:
        try:
            return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
        except (binascii.Error, ValueError):
            return secret.encode()
    return secret.encode()
