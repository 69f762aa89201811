"""Chatwoot: messages of visitors, and what a contact told before or after the first of them.

https://www.chatwoot.com/docs/product/features/webhooks (`lib/webhooks/trigger.rb`): nothing is
sent twice. Versions before 4.16 sign nothing; there the secret stands in the address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.conversation import Turn, arrival_of, name_of, read_object, rest_of
from services.capture.sources.proofs import by_shared_secret, is_fresh, is_signed
from services.capture.sources.values import (
    id_text,
    ids,
    mapping,
    of_iso,
    of_seconds,
    texts,
)

_SIGNED: Final = b"sha256="
_INCOMING: Final = ("incoming", 0)
"""Some parts of a body have the word, others its number."""
_OUTGOING: Final = ("outgoing", 1)
_AGENT: Final = "user"
_OURS: Final = (_AGENT, "agent_bot", "captain_assistant")
_ORIGIN: Final = ("additional_attributes.referer", "additional_attributes.browser_language")
_PERSON: Final = ("id", "name", "email", "phone_number", "additional_attributes.company_name")
_TOLD_ALREADY: Final = (
    "event", "id", "content", "message_type", "private", "created_at", "conversation.meta",
    "conversation.messages", *(f"conversation.{name}" for name in _ORIGIN),
    *(f"sender.{name}" for name in _PERSON),
)  # fmt: skip
_CHANGES: Final = ("event", "changed_attributes", "thumbnail", "avatar", "avatar_url", *_PERSON)


def prove(knock: Knock, source: Source, now: float) -> bool:
    """The signature over the time and the raw bytes; else the secret in the address."""
    moment = knock.headers.get(b"x-chatwoot-timestamp", b"")
    given = knock.headers.get(b"x-chatwoot-signature", b"")
    signed = is_signed(moment + b"." + knock.body, given.removeprefix(_SIGNED), source)
    proven = signed and given.startswith(_SIGNED) and is_fresh(moment, now)
    return proven or (bool(source.secret) and by_shared_secret(knock, source, now))


def parse_event(knock: Knock, source: Source) -> Sequence[Arrival]:
    """What a visitor wrote or who they are; agents, bots, notes, states and edits are no lead."""
    body, held = read_object(knock)
    event = body.get("event")
    if held or not isinstance(event, str):
        return held or [odd(knock.body)]
    read = _READERS.get(event)
    if read is None:
        return []
    found = read(body, source)
    return [odd(knock.body)] if found is None else found


def _message(body: dict[str, Any], source: Source) -> list[Arrival] | None:
    if not _is_said(body):
        return [] if body.get("message_type") is not None else None
    conversation, sender = mapping(body.get("conversation")), mapping(body.get("sender"))
    if sender.get("type") in _OURS:
        return []
    extra = rest_of(body, *_TOLD_ALREADY)
    return _said(body, sender, conversation, extra, (body, source))


def _conversation(body: dict[str, Any], source: Source) -> list[Arrival] | None:
    """Its first message under that one's own key: whichever of both events comes, it counts once.

    One that begins without words of the visitor's was begun by an agent.
    """
    messages = body.get("messages")
    said = [m for m in messages if _is_said(mapping(m))] if isinstance(messages, list) else []
    sender = mapping(mapping(body.get("meta")).get("sender"))
    if not said:
        return []
    extra = {"conversation": rest_of(body, "event", "messages", "meta", "timestamp", *_ORIGIN)}
    return _said(said[0], sender, body, extra, (body, source))


def _is_said(message: Mapping[str, Any]) -> bool:
    return message.get("message_type") in _INCOMING and message.get("private") is not True


def _said(
    message: dict[str, Any],
    sender: dict[str, Any],
    conversation: dict[str, Any],
    extra: dict[str, Any],
    given: tuple[dict[str, Any], Source],
) -> list[Arrival] | None:
    key, person = id_text(message.get("id")), id_text(sender.get("id"))
    if key is None or person is None:
        return None
    body, source = given
    words = texts(message, "content").get("content")
    about, talk = (
        mapping(conversation.get("additional_attributes")),
        id_text(conversation.get("id")),
    )
    turn = Turn(
        f"message:{key}",
        {"id": key, "content": words},
        _handle(person, source),
        {
            **_who(sender),
            "message": words,
            "language": texts(about, "browser_language").get("browser_language"),
        },
        extra,
        origin={"page_url": about.get("referer")},
        occurred_at=of_iso(message.get("created_at")) or of_seconds(message.get("created_at")),
        reply=_address(conversation, mapping(body.get("account"))),
        conversation=f"{person}:{talk}" if talk else None,  # each account counts its own from one
    )
    return [arrival_of(turn, body, source)]


def _address(conversation: dict[str, Any], account: dict[str, Any]) -> dict[str, str]:
    """Where an answer goes; the account stands in every body but some parts of it."""
    known = ids(conversation, "id", "account_id")
    place, whose = known.get("id"), id_text(account.get("id")) or known.get("account_id")
    return {"account": whose, "conversation": place} if place and whose else {}


def _contact(body: dict[str, Any], source: Source) -> list[Arrival] | None:
    """Who it is, once that can be told: the widget makes a contact of whoever opens it."""
    person = id_text(body.get("id"))
    if person is None:
        return None
    who = _who(body)
    named = who["name"] if body["event"] == "contact_updated" else None
    if not (who["phone"] or who["email"] or named):
        return []
    turn = Turn(f"contact:{person}", who, _handle(person, source), who, rest_of(body, *_CHANGES))
    return [arrival_of(turn, body, source)]


def _who(person: dict[str, Any]) -> dict[str, str | None]:
    known = texts(person, "email", "phone_number")
    about = texts(mapping(person.get("additional_attributes")), "company_name")
    return {
        "name": name_of(person.get("name")),
        "email": known.get("email"),
        "phone": known.get("phone_number"),
        "company": about.get("company_name"),
    }


def _handle(person: str, source: Source) -> str:
    """Every installation counts its contacts from one, so that the source is part of it."""
    return f"{source.kind}:{source.key}:{person}"


_READERS: Final[Mapping[str, Callable[[dict[str, Any], Source], list[Arrival] | None]]] = {
    "message_created": _message,
    "conversation_created": _conversation,
    "contact_created": _contact,
    "contact_updated": _contact,
}


def written_to(knock: Knock, source: Source) -> Iterator[str]:
    """The contact to whom an agent has written, not a bot."""
    body, _ = read_object(knock)
    agent, about = mapping(body.get("sender")), mapping(body.get("conversation"))
    person = id_text(mapping(mapping(about.get("meta")).get("sender")).get("id"))
    is_told = body.get("message_type") in _OUTGOING and body.get("private") is not True
    if person and is_told and agent.get("type") == _AGENT:
        yield _handle(person, source)


CHATWOOT: Final = Kind(
    "chatwoot", prove, parse_event, submits="chat", is_signed=True, written_to=written_to
)
