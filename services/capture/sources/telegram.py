"""Telegram's Bot API, and platforms that speak it: one update a call, one chat a person.

https://core.telegram.org/bots/api#update and #setwebhook (`secret_token`)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.bodies import Unreadable, parse, plain
from services.capture.sources.contract import DUPLICATES, UNEXPECTED, Arrival, Kind, Knock, odd
from services.capture.sources.proofs import by_header
from services.capture.sources.values import canonical, id_text, mapping, of_seconds, texts

_SECRET: Final = b"x-telegram-bot-api-secret-token"
_START: Final = "/start"
_ATTACHED: Final = (
    "photo", "video", "voice", "audio", "document", "location", "venue", "sticker", "video_note",
    "animation",
)  # fmt: skip
_PLAIN: Final = {"first_name": "first_name", "last_name": "last_name", "language_code": "language"}


def prove(knock: Knock, source: Source, _now: float) -> bool:
    """The secret in the header that was given to `setWebhook`."""
    return by_header(knock, source, _SECRET)


def parse_update(knock: Knock, source: Source) -> Sequence[Arrival]:
    """A message of a human in a chat with the bot; every other kind of update is none of ours."""
    try:
        update, flags = parse(knock.body)
    except Unreadable:
        return [odd(knock.body)]
    key = id_text(mapping(update).get("update_id"))
    if key is None or DUPLICATES in flags:
        return [odd(knock.body, held=DUPLICATES if DUPLICATES in flags else UNEXPECTED)]
    if "message" not in update:
        return []
    message, sender = mapping(update["message"]), mapping(mapping(update["message"]).get("from"))
    person = id_text(sender.get("id"))
    if not message or (message.get("from") and person is None):
        return [odd(knock.body)]
    in_private = mapping(message.get("chat")).get("type", "private") == "private"
    if person is None or sender.get("is_bot") is True or not in_private or not _says(message):
        return []
    return [_arrival(key, person, message, source)]


def _says(message: dict[str, Any]) -> bool:
    """Whether a person said or sent something; the rest is the chat's own housekeeping."""
    return any(name in message for name in ("text", "caption", "contact", *_ATTACHED))


def _arrival(key: str, person: str, message: dict[str, Any], source: Source) -> Arrival:
    sender = mapping(message["from"])
    said = texts(message, "text", "caption")
    start, text = _started(said.get("text") or said.get("caption") or "")
    fields = {ours: texts(sender, theirs).get(theirs) for theirs, ours in _PLAIN.items()}
    fields |= {"handle": f"{source.kind}:{person}", "message": text}
    extra: dict[str, Any] = {"start": start, **texts(sender, "username")}
    extra["attachment"] = next((name for name in _ATTACHED if name in message), None)
    proven: tuple[str, ...] = ()
    contact = mapping(message.get("contact"))
    phone = texts(contact, "phone_number").get("phone_number")
    if phone and id_text(contact.get("user_id")) == person:
        fields["phone"], proven = phone, ("phone",)
    elif contact:
        extra["shared_contact"] = texts(
            contact, "phone_number", "first_name", "last_name", "user_id"
        )
    return Arrival(
        key,
        canonical(message),
        {name: value for name, value in fields.items() if value},
        plain({name: value for name, value in extra.items() if value}),
        Attribution(page_url=source.page),
        start=start,
        occurred_at=of_seconds(message.get("date")),
        proven=proven,
    )


def _started(text: str) -> tuple[str | None, str]:
    """The payload of a deep link, and what the person wrote themselves."""
    command, _, payload = text.partition(" ")
    if command.partition("@")[0] != _START:
        return None, text
    return payload.strip() or None, ""


TELEGRAM: Final = Kind("telegram", prove, parse_update, submits="chat")
