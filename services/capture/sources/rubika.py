"""Rubika (روبیکا): its bots' updates and pressed buttons. Nothing in the call proves its sender.

https://www.rubika.ir/botapi (`updateBotEndpoints`: ReceiveUpdate, ReceiveInlineMessage)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.sources.arrival import DUPLICATES, Arrival, Knock, odd
from services.capture.sources.chats import FORWARDED, heard, opened
from services.capture.sources.contract import Kind
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.values import canonical, id_text, mapping, of_seconds, texts

_NEW: Final = "NewMessage"
_PRESSED: Final = "inline_message"
_OF_MANY: Final = ("g0", "c0")
"""How the ids of groups and channels begin."""
_ATTACHED: Final = ("file", "location", "sticker", "poll", "live_location")


def parse_update(knock: Knock, source: Source) -> Sequence[Arrival]:
    """A message of a person to the bot, or a button that they pressed; other updates are none."""
    try:
        body, flags = parse(knock.body)
    except Unreadable:
        return [odd(knock.body)]
    if DUPLICATES in flags:
        return [odd(knock.body, held=DUPLICATES)]
    update = mapping(mapping(body).get("update"))
    pressed = mapping(mapping(body).get(_PRESSED))
    kind = update.get("type")
    if not pressed and isinstance(kind, str) and kind != _NEW:
        return []
    message = pressed or mapping(update.get("new_message"))
    chat = id_text((pressed or update).get("chat_id"))
    person, id_ = id_text(message.get("sender_id")), id_text(message.get("message_id"))
    if chat is None or person is None or id_ is None:
        return [odd(knock.body)]
    if (message.get("sender_type") or "User") != "User" or chat.startswith(_OF_MANY):
        return []
    button = texts(mapping(message.get("aux_data")), "button_id").get("button_id", "")
    key = f"{chat}:{id_}:{button}" if pressed else f"{chat}:{id_}"
    return [_arrival(key, f"{source.kind}:{person}", chat, message, source)]


def _arrival(key: str, handle: str, chat: str, message: dict[str, Any], source: Source) -> Arrival:
    """A contact of Rubika's does not say whose it is: it is taken, unproven, unless passed on."""
    pressed = mapping(message.get("aux_data"))
    payload, text = opened(texts(message, "text").get("text", ""))
    contact = texts(
        mapping(message.get("contact_message")), "phone_number", "first_name", "last_name"
    )
    is_passed_on = bool(message.get("forwarded_from"))
    fields = {"handle": handle, "message": text}
    if contact and not is_passed_on:
        fields |= {"phone": contact.pop("phone_number", ""), **contact}
        contact = {}
    extra = {
        "chat_id": chat,
        "button": texts(pressed, "button_id").get("button_id"),
        "attachment": next((name for name in _ATTACHED if message.get(name)), None),
        "shared_contact": contact,
        FORWARDED: is_passed_on,
    }
    arrival = Arrival(
        key,
        canonical(message),
        fields,
        extra,
        Attribution(page_url=source.page),
        start=texts(pressed, "start_id").get("start_id") or payload,
        occurred_at=of_seconds(message.get("time")),
        reply={"chat": chat},
        conversation=chat,
    )
    return heard(arrival, source, message, nicknames=True)


RUBIKA: Final = Kind("rubika", by_shared_secret, parse_update, submits="chat")
