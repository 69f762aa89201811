"""Telegram's Bot API, and platforms that speak it: one update a call, one chat a person.

https://core.telegram.org/bots/api#update and #setwebhook (`secret_token`)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.sources.arrival import DUPLICATES, UNEXPECTED, Arrival, Knock, odd
from services.capture.sources.chats import FORWARDED, heard, opened
from services.capture.sources.contract import Kind
from services.capture.sources.proofs import by_header
from services.capture.sources.telegram_web_apps import WEB_APP, with_answers
from services.capture.sources.values import canonical, id_text, mapping, of_seconds, texts

_SECRET: Final = b"x-telegram-bot-api-secret-token"
_ATTACHED: Final = (
    "live_photo", "photo", "video", "voice", "audio", "animation", "document", "venue", "location",
    "sticker", "video_note", "story", "poll", "checklist", "dice", "game", "paid_media",
    "rich_message",
)  # fmt: skip
"""Most telling first: a venue comes with its location, an animation with its document."""
_PASSED_ON: Final = ("forward_origin", "forward_from", "forward_sender_name", "forward_date")
_PRIVATE: Final = "private"
_OF_A_BUSINESS: Final = "business_message"
"""In a chat of the business's own account, which the bot serves."""
_PRESSED: Final = "callback_query"
_INLINE: Final = "inline_message_id"
"""Of a message that somebody sent on by way of the bot: into which chat, nobody says."""
_OF_ANOTHER: Final = "business_connection_id"
"""There the bot would speak in its owner's name."""
_PLAIN: Final = {"first_name": "first_name", "last_name": "last_name", "language_code": "language"}


def prove(knock: Knock, source: Source, _now: float) -> bool:
    """The secret in the header that was given to `setWebhook`."""
    return by_header(knock, source, _SECRET)


def parse_update(knock: Knock, source: Source) -> Sequence[Arrival]:
    """A message of a human in a chat with the bot, or a button that they pressed there.

    Every other kind of update is none of ours.
    """
    try:
        update, flags = parse(knock.body)
    except Unreadable:
        return [odd(knock.body)]
    key = id_text(mapping(update).get("update_id"))
    if key is None or DUPLICATES in flags:
        return [odd(knock.body, held=DUPLICATES if DUPLICATES in flags else UNEXPECTED)]
    if _PRESSED in update:
        return _pressed(key, mapping(update[_PRESSED]), knock, source)
    named = next((name for name in ("message", _OF_A_BUSINESS) if name in update), None)
    return _told(key, named, mapping(update[named]), knock, source) if named else []


def _told(
    key: str, named: str, message: dict[str, Any], knock: Knock, source: Source
) -> Sequence[Arrival]:
    """A message in a private chat, of a person and not of the business or its bots."""
    sender, chat = mapping(message.get("from")), mapping(message.get("chat"))
    person = id_text(sender.get("id"))
    kind = chat.get("type", _PRIVATE)
    if not message or (message.get("from") and person is None) or not isinstance(kind, str):
        return [odd(knock.body)]
    is_ours = named == _OF_A_BUSINESS and id_text(chat.get("id")) != person
    is_a_persons = kind == _PRIVATE and not is_ours and sender.get("is_bot") is not True
    if person is None or not is_a_persons or not _says(message):
        return []
    return [_arrival(key, person, message, source)]


def _says(message: dict[str, Any]) -> bool:
    """Whether a person said or sent something; the rest is the chat's own housekeeping."""
    return any(name in message for name in ("text", "caption", "contact", WEB_APP, *_ATTACHED))


def _arrival(key: str, person: str, message: dict[str, Any], source: Source) -> Arrival:
    sender = mapping(message["from"])
    said = texts(message, "text", "caption")
    start, text = opened(said.get("text") or said.get("caption") or "")
    fields = _profile(sender, person, source) | {"message": text}
    extra: dict[str, Any] = texts(sender, "username")
    extra["attachment"] = next((name for name in _ATTACHED if name in message), None)
    extra[FORWARDED] = any(name in message for name in _PASSED_ON)
    proven: tuple[str, ...] = ()
    contact = mapping(message.get("contact"))
    phone = texts(contact, "phone_number").get("phone_number")
    if phone and id_text(contact.get("user_id")) == person:
        fields["phone"], proven = phone, ("phone",)
    elif contact:
        extra["shared_contact"] = texts(
            contact, "phone_number", "first_name", "last_name", "user_id"
        )
    arrival = Arrival(
        key,
        canonical(message),
        fields,
        extra,
        Attribution(page_url=source.page),
        start=start,
        occurred_at=of_seconds(message.get("date")),
        proven=proven,
        reply={} if _OF_ANOTHER in message else {"chat": person},
        conversation=":".join(filter(None, (id_text(message.get(_OF_ANOTHER)), person))),
    )
    if WEB_APP in message:
        arrival = with_answers(arrival, mapping(message[WEB_APP]), source)
    return heard(arrival, source, message, nicknames="profile_name" not in arrival.extra)


def _profile(sender: dict[str, Any], person: str, source: Source) -> dict[str, str]:
    """Our fields of who it is: the names are nicknames."""
    known = {ours: texts(sender, theirs).get(theirs, "") for theirs, ours in _PLAIN.items()}
    return known | {"handle": f"{source.kind}:{person}"}


def _pressed(key: str, press: dict[str, Any], knock: Knock, source: Source) -> Sequence[Arrival]:
    """A button below a message of the bot's, in a private chat: what it says, the person says.

    The time is that of the message, which may be a year old: a press has none, and is a
    submission by itself. A number in the words is the sender's of the message, so none is taken.
    """
    sender, message = mapping(press.get("from")), mapping(press.get("message"))
    chat, person = mapping(message.get("chat")), id_text(sender.get("id"))
    if person is None:
        return [odd(knock.body)]
    is_private = chat.get("type", _PRIVATE) == _PRIVATE and id_text(chat.get("id")) in (
        None,
        person,
    )
    data = texts(press, "data").get("data")
    if not is_private or _INLINE in press or data is None or sender.get("is_bot") is True:
        return []
    is_answerable = bool(chat) and _OF_ANOTHER not in message
    arrival = Arrival(
        key,
        canonical(press),
        _profile(sender, person, source),
        texts(sender, "username") | {"button": data},
        Attribution(page_url=source.page),
        reply={"chat": person} if is_answerable else {},
    )
    found = heard(arrival, source, press, nicknames=True)
    words = _words(message, press["data"])
    return [found._replace(fields=words | dict(found.fields))]


def _words(message: dict[str, Any], data: Any) -> dict[str, str]:
    """What stands on the button with that data, as the message; nothing where it is not told."""
    rows = mapping(message.get("reply_markup")).get("inline_keyboard")
    for row in rows if isinstance(rows, list) else ():
        for button in map(mapping, row if isinstance(row, list) else ()):
            if button.get("callback_data") == data and (said := texts(button, "text")):
                return {"message": said["text"]}
    return {}


TELEGRAM: Final = Kind("telegram", prove, parse_update, submits="chat")
