"""CallRail: a call once it is over, what becomes known of it later, and what people write.

https://apidocs.callrail.com/#webhooks: nothing is sent twice.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import Any, Final

from libs.common.calls import ANSWERED, FIELD, MISSED, VOICEMAIL
from libs.common.configuration.schema import Source
from libs.common.normal.names import at_path, text_of
from services.capture.reading.attribution import FLAT
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.callrail_written import form_of, is_ours, origin_of, text_message_of
from services.capture.sources.calls import phone_of
from services.capture.sources.contract import Kind
from services.capture.sources.conversation import read_object, rest_of
from services.capture.sources.proofs import is_signed
from services.capture.sources.values import canonical, id_text, object_in, of_iso, texts

_PLACE: Final = re.compile(r"[^a-z]+ [A-Z]{2}")
"""A caller id that is a town with its state or country, as in DENVER CO."""
_NOBODY: Final = frozenset({"anonymous", "unknown", "unavailable", "restricted", "private"})
_FRESH: Final = 1800.0
"""Seconds. A Post-Call comes up to twenty minutes after its call."""
_TOLD_ALREADY: Final = (
    "id", "answered", "customer_phone_number", "start_time", "timestamp", "landing_page_url",
    "referring_url", "campaign", *FLAT,
)  # fmt: skip


def prove(knock: Knock, source: Source, now: float) -> bool:
    """`Signature` on the raw bytes, which say when they were sent; none that are stale.

    Where they say no moment that can be read, a repeat counts once by its id.
    """
    given = knock.headers.get(b"signature", b"")
    if not is_signed(knock.body, given, source, by=hashlib.sha1, encoded=base64.b64encode):
        return False
    body, _ = object_in(knock.body)
    sent = of_iso(body.get("timestamp"))
    return sent is None or abs(sent.timestamp() - now) <= _FRESH


def parse_event(knock: Knock, source: Source) -> Sequence[Arrival]:
    """A call, a form or a text message: no name says which, but what it consists of."""
    body, held = read_object(knock)
    if held:
        return held
    if "form_data" in body:
        return [form_of(body, source) or odd(knock.body)]
    if "content" in body:
        return (
            [] if is_ours(body, knock.tail) else [text_message_of(body, source) or odd(knock.body)]
        )
    return _calls(knock, body, source)


def _calls(knock: Knock, body: dict[str, Any], source: Source) -> Sequence[Arrival]:
    """A call that somebody made to us and that is over; a later change of it is its resend."""
    key = id_text(body.get("id"))
    if key is None:
        return [odd(knock.body)]
    if text_of(body.get("direction")).startswith("outbound"):
        return []
    answered = body.get("answered")
    if not isinstance(answered, bool):
        told = answered is None and ("answered" in body or "start_time" in body)
        return [] if told else [odd(knock.body)]
    if body.get("duration", 0) is None:
        return []
    mapped = {ours: text_of(at_path(body, path)) for ours, path in source.fields.items()}
    name = _name(body)
    fields = {
        "name": name,
        "phone": phone_of(text_of(body.get("customer_phone_number"))),
        **{ours: text for ours, text in mapped.items() if text},
    }
    taken = ("customer_name",) if name else ()
    extra = rest_of(body, *_TOLD_ALREADY, *taken)
    return [
        Arrival(
            key,
            canonical({name: body[name] for name in body if name != "timestamp"}),
            {ours: text for ours, text in fields.items() if text},
            {FIELD: _ended(body), **extra},
            origin_of(body, source),
            occurred_at=of_iso(body.get("start_time")),
        )
    ]


def _ended(body: dict[str, Any]) -> str:
    if body["answered"]:
        return ANSWERED
    return VOICEMAIL if body.get("voicemail") is True else MISSED


def _name(body: dict[str, Any]) -> str | None:
    """Who called, unless the caller id has only a place or nothing."""
    name = texts(body, "customer_name").get("customer_name", "")
    town = texts(body, "customer_city", "customer_state")
    if not name or name.lower() in _NOBODY or _PLACE.fullmatch(name):
        return None
    return None if name.lower() == " ".join(town.values()).lower() else name


CALLRAIL: Final = Kind("callrail", prove, parse_event, submits="call", is_signed=True)
