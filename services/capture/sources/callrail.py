"""CallRail: a call once it is over, and what becomes known of it later.

https://apidocs.callrail.com/#webhooks: nothing is sent twice.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from libs.common.calls import ANSWERED, FIELD, MISSED, VOICEMAIL
from libs.common.configuration.schema import Source
from libs.common.normal.names import at_path, text_of
from services.capture.reading.attribution import FLAT, Origins, attributed
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.calls import phone_of
from services.capture.sources.contract import Kind
from services.capture.sources.conversation import read_object, rest_of
from services.capture.sources.proofs import is_signed
from services.capture.sources.values import canonical, id_text, of_iso, texts

_PLACE: Final = re.compile(r"[^a-z]+ [A-Z]{2}")
"""A caller id that is a town with its state or country, as in DENVER CO."""
_NOBODY: Final = frozenset({"anonymous", "unknown", "unavailable", "restricted", "private"})
_OTHERS: Final = ("content", "form_data")
"""Of text messages and forms."""
_TOLD_ALREADY: Final = (
    "id", "answered", "customer_phone_number", "start_time", "timestamp", "landing_page_url",
    "referring_url", "campaign", *FLAT,
)  # fmt: skip


def prove(knock: Knock, source: Source, _now: float) -> bool:
    """`Signature` on the raw bytes.

    A repeat counts once by the call's id, and a delivery that is refused is lost, so that the
    body's time proves nothing more.
    """
    given = knock.headers.get(b"signature", b"")
    return is_signed(knock.body, given, source, by=hashlib.sha1, encoded=base64.b64encode)


def parse_call(knock: Knock, source: Source) -> Sequence[Arrival]:
    """A call that somebody made to us and that is over; a later change of it is its resend."""
    body, held = read_object(knock)
    key = id_text(body.get("id"))
    if held or key is None or any(name in body for name in _OTHERS):
        return held or [odd(knock.body)]
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
            _attribution(body, source),
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


def _attribution(body: dict[str, Any], source: Source) -> Any:
    flat = {name: body[name] for name in body if name in FLAT}
    page = {"page_url": body.get("landing_page_url"), "referrer": body.get("referring_url")}
    found, _ = attributed({**flat, **page}, Origins(page=source.page))
    campaign = texts(body, "campaign").get("campaign")
    return msgspec.structs.replace(found, ad={"campaign_name": campaign} if campaign else {})


CALLRAIL: Final = Kind("callrail", prove, parse_call, submits="call", is_signed=True)
