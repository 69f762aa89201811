"""Intercom: new contacts, and what they write.

https://developers.intercom.com/docs/webhooks/webhook-notifications
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from html import unescape
from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.reading.attribution import FLAT
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.conversation import Turn, arrival_of, name_of, read_object, rest_of
from services.capture.sources.proofs import is_signed
from services.capture.sources.values import id_text, mapping, of_seconds, texts

_SIGNED: Final = b"sha1="
_CONTACT: Final = frozenset(
    {
        "contact.created", "contact.lead.created", "contact.user.created", "contact.email.updated",
        "contact.added_email", "contact.lead.added_email",
    }
)  # fmt: skip
_BEGUN: Final = "conversation.user.created"
_REPLIED: Final = "conversation.user.replied"
_VISITORS: Final = ("user", "lead", "contact", "visitor")
_LANGUAGES: Final = ("language_override", "browser_language", "browser_locale")
_TOLD_ALREADY: Final = (
    "type", "id", "name", "email", "phone", "created_at", "updated_at", *_LANGUAGES, *FLAT,
)  # fmt: skip
_ENDS_A_LINE: Final = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6])>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*>")


def prove(knock: Knock, source: Source, _now: float) -> bool:
    """X-Hub-Signature, by the app's client secret on the raw bytes."""
    given = knock.headers.get(b"x-hub-signature", b"")
    signed = is_signed(knock.body, given.removeprefix(_SIGNED), source, by=hashlib.sha1)
    return signed and given.startswith(_SIGNED)


def parse_notification(knock: Knock, source: Source) -> Sequence[Arrival]:
    """A contact, or what one wrote; teammates, bots, pings and states are no lead."""
    body, held = read_object(knock)
    topic = body.get("topic")
    if held or not isinstance(topic, str):
        return held or [odd(knock.body)]
    item = mapping(mapping(body.get("data")).get("item"))
    if topic not in (*_CONTACT, _BEGUN, _REPLIED) or item.get("type") == "ping":
        return []
    if not item:
        return [odd(knock.body)]
    said = {} if topic in _CONTACT else _said(item, topic)
    if topic not in _CONTACT and not said:
        return []
    person = item if topic in _CONTACT else mapping(said["author"])
    key, who = id_text(body.get("id")), id_text(person.get("id"))
    if key is None or who is None:
        return [odd(knock.body)]
    extra = {**texts(body, "app_id", "topic"), **_rest(item, topic, said)}
    known = texts(person, "email", "phone")
    fields = {
        "name": name_of(person.get("name")),
        **known,
        "language": next(iter(texts(item, *_LANGUAGES).values()), None),
        "message": _text(said.get("body")),
    }
    page = texts(mapping(item.get("source")), "url").get("url")
    turn = Turn(
        key,
        {"item": item},
        f"intercom:{who}",
        fields,
        extra,
        origin={**{name: item[name] for name in item if name in FLAT}, "page_url": page},
        occurred_at=of_seconds(body.get("created_at")),
        conversation=None if topic in _CONTACT else id_text(item.get("id")),
    )
    return [arrival_of(turn, body, source)]


def _said(item: dict[str, Any], topic: str) -> dict[str, Any]:
    """The visitor's words: how the conversation began, or the last part; nothing of others."""
    parts: list[Any] = [item.get("source")]
    if topic == _REPLIED:
        listed = mapping(item.get("conversation_parts")).get("conversation_parts")
        parts = listed[-1:] if isinstance(listed, list) else []
    last = mapping(parts[0]) if parts else {}
    return last if mapping(last.get("author")).get("type") in _VISITORS else {}


def _rest(item: dict[str, Any], topic: str, said: dict[str, Any]) -> dict[str, Any]:
    if topic in _CONTACT:
        return rest_of(item, *_TOLD_ALREADY)
    about = rest_of({name: said.get(name) for name in ("subject", "attachments")})
    return about | {"conversation": id_text(item.get("id"))}


def _text(html: Any) -> str | None:
    """The words of a part, which comes as HTML."""
    if not isinstance(html, str):
        return None
    words = unescape(_TAG.sub("", _ENDS_A_LINE.sub("\n", html)))
    return words.strip() or None


INTERCOM: Final = Kind("intercom", prove, parse_notification, submits="chat", is_signed=True)
