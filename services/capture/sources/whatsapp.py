"""WhatsApp's Cloud API: one submission for each message; states of our own messages are none.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.sources import graph_tokens
from services.capture.sources.arrival import Arrival, Knock, Withdrawn, odd
from services.capture.sources.chats import FORWARDED, heard
from services.capture.sources.contract import Kind
from services.capture.sources.hub import (
    MOST,
    arrivals_in,
    entries_in,
    is_sample,
    prove,
    shake_hands,
)
from services.capture.sources.values import (
    alone,
    canonical,
    id_text,
    mapping,
    of_seconds,
    texts,
)
from services.capture.sources.whatsapp_flows import Answers, read_answers

_ACCOUNT: Final = "whatsapp_business_account"
_SILENT: Final = frozenset({"reaction", "system", "request_welcome", "edit"})
"""Types of messages in which nobody says anything new."""
_TAKEN_BACK: Final = "revoke"
_WORDS: Final = frozenset({"text", "button", "interactive"})
_REFERRAL: Final = (
    "source_url", "source_type", "source_id", "headline", "body", "media_type", "image_url",
    "video_url", "thumbnail_url",
)  # fmt: skip
_OF_THE_AD: Final = {"source_id": "ad_id", "headline": "headline"}
_LONGEST_KEY: Final = 512
_WHOLE_NAMES: Final = frozenset({"name", "first_name", "last_name"})
_PROFILE: Final = {"name": "profile_name", "phone": "wa_phone", "handle": "wa_handle"}


class Talk(NamedTuple):
    """A message, and whose it is."""

    message: dict[str, Any]
    contact: dict[str, Any]
    to: str
    """The business's number, digits only: several may call the same address."""
    number: str | None
    """Its id, by which it answers."""
    is_test: bool


def parse_messages(knock: Knock, source: Source) -> Sequence[Arrival | Withdrawn]:
    """What people wrote, in the order in which it came."""
    return arrivals_in(knock, {_ACCOUNT: _talks}, lambda talk: _arrival(talk, source))


def _talks(entries: list[Any]) -> Iterator[Talk | Arrival]:
    """The messages of all changes; what has not the shape of one is held."""
    for entry in entries:
        changes = mapping(entry).get("changes")
        for change in changes if isinstance(changes, list) else [entry]:
            value = mapping(mapping(change).get("value"))
            if mapping(change).get("field") == "messages" and value:
                yield from _in_value(value, is_sample(entry))
            elif not _is_of_another_field(mapping(change)):
                yield odd(canonical(change), canonical(change))


def _is_of_another_field(change: dict[str, Any]) -> bool:
    """Whether it is none of ours: what is of `messages` has a value, perhaps an empty one."""
    field = change.get("field")
    return isinstance(field, str) and (field != "messages" or change.get("value") == {})


def _in_value(value: dict[str, Any], is_test: bool) -> Iterator[Talk | Arrival]:  # noqa: FBT001 - one caller
    listed, contacts = value.get("messages", []), _contacts_in(value)
    number = str(mapping(value.get("metadata")).get("display_phone_number", ""))
    to = "".join(filter(str.isdigit, number))
    own = id_text(mapping(value.get("metadata")).get("phone_number_id"))
    for message in listed if isinstance(listed, list) else [listed]:
        if isinstance(message, dict):
            yield Talk(message, _contact_of(message, contacts), to, own, is_test)
        else:
            yield odd(canonical(message), canonical(message))


def _contacts_in(value: dict[str, Any]) -> list[dict[str, Any]]:
    known = value.get("contacts")
    return [mapping(each) for each in known] if isinstance(known, list) else []


def _contact_of(message: dict[str, Any], contacts: list[dict[str, Any]]) -> dict[str, Any]:
    whose = {"wa_id": id_text(message.get("from")), "user_id": id_text(message.get("from_user_id"))}
    for contact in contacts:
        if any(id_ and id_text(contact.get(name)) == id_ for name, id_ in whose.items()):
            return contact
    return {}


def _arrival(talk: Talk, source: Source) -> Arrival | Withdrawn | None:
    message = talk.message
    phone = id_text(message.get("from")) or id_text(talk.contact.get("wa_id"))
    person = id_text(message.get("from_user_id")) or id_text(talk.contact.get("user_id")) or phone
    kind, key = str(message.get("type")), texts(message, "id").get("id")
    if kind in _SILENT or message.get("group_id") or (phone and phone == talk.to):
        return None
    if kind == _TAKEN_BACK:
        taken = texts(mapping(message.get(kind)), "original_message_id").get("original_message_id")
        return Withdrawn(taken) if taken else None
    raw = canonical({"message": message, "contact": talk.contact})
    if person is None or key is None or len(key) > _LONGEST_KEY:
        return odd(raw, raw)
    said = _said(kind, message, source)
    fields, extra = said.fields, said.extra
    profile, context = mapping(talk.contact.get("profile")), mapping(message.get("context"))
    own = texts(profile, "name") | {"handle": f"{source.kind}:{person}"}
    is_number = phone is not None and phone.isascii() and phone.isdigit()
    own |= {"phone": f"+{phone}"} if is_number else {}
    own, known = _weighed(own, said)
    attribution, referral = _came_by(mapping(message.get("referral")), source)
    extra |= {"to": talk.to, "referral": referral, **texts(profile, "username")}
    extra[FORWARDED] = any(context.get(n) is True for n in (FORWARDED, "frequently_forwarded"))
    extra |= known | {f"{kind}.{name}": text for name, text in fields.items() if name in own}
    arrival = Arrival(
        key,
        canonical(message),
        fields | own,
        extra,
        attribution,
        said.consent,
        test=talk.is_test,
        raw=raw,
        occurred_at=of_seconds(message.get("timestamp")),
        proven=("phone",) if "phone" in own else (),
        candidates={ours: each for ours, each in said.candidates.items() if ours not in own},
        reply={"number": talk.number, "to": phone} if phone and is_number and talk.number else {},
    )
    return heard(arrival, source, message, nicknames="name" in own)


def _weighed(own: dict[str, str], said: Answers) -> tuple[dict[str, str], dict[str, str]]:
    """What WhatsApp knows and the answers leave standing; and the rest of it, by its own names."""
    is_named = bool(_WHOLE_NAMES & said.firm)
    left = {n: v for n, v in own.items() if n not in said.firm and not (n == "name" and is_named)}
    return left, {_PROFILE[n]: value for n, value in own.items() if n not in left}


def _said(kind: str, message: dict[str, Any], source: Source) -> Answers:
    """Our fields in a message, and the rest of it that matters."""
    content = mapping(message.get(kind))
    extra: dict[str, Any] = {} if kind in _WORDS else {"attachment": kind}
    reply = mapping(content.get(str(content.get("type")))) if kind == "interactive" else content
    if isinstance(reply.get("response_json"), str):
        return read_answers(reply["response_json"], source)
    if kind in ("button", "interactive"):
        extra["payload"] = next(iter(texts(reply, "payload", "id").values()), None)
    extra |= texts(reply, "description") if kind == "interactive" else {}
    if kind == "location":
        extra["location"] = content
    if kind == "contacts":
        extra["shared_contact"] = _shared(message.get(kind))
    if kind == "order":
        extra["products"] = content.get("product_items")
    said = texts(reply, "body", "text", "title", "caption")
    return Answers({"message": next(iter(said.values()))} if said else {}, extra)


def _shared(contacts: Any) -> Any:
    """Contacts that were passed on: whose they are, nothing says."""
    found = []
    for contact in contacts if isinstance(contacts, list) else ():
        phones = mapping(contact).get("phones")
        name = texts(mapping(mapping(contact).get("name")), "formatted_name")
        listed = phones if isinstance(phones, list) else ()
        found += [name | texts(mapping(phone), "phone") for phone in listed]
    return alone(found)


def _came_by(referral: dict[str, Any], source: Source) -> tuple[Attribution, dict[str, str]]:
    """The ad or post behind the first message, and what else is said of it."""
    known, click = texts(referral, *_REFERRAL), texts(referral, "ctwa_clid")
    is_ad = known.get("source_type") == "ad" or bool(click)
    ad = {ours: known.pop(name) for name, ours in _OF_THE_AD.items() if is_ad and name in known}
    return Attribution(page_url=source.page, ad=ad, click_ids=click), known


def written_to(knock: Knock, _source: Source) -> Iterator[str]:
    """Whom staff wrote to from the WhatsApp Business app, where it shares the number with us."""
    told = entries_in(knock, _ACCOUNT)
    for entry in () if isinstance(told, Arrival) else told.entries[:MOST]:
        changes = mapping(entry).get("changes")
        for change in changes if isinstance(changes, list) else ():
            value = mapping(mapping(change).get("value"))
            echoes = value.get("message_echoes")
            for echo in echoes if isinstance(echoes, list) else ():
                for person in _people_of(mapping(echo), _contacts_in(value)):
                    yield f"whatsapp:{person}"


def _people_of(echo: dict[str, Any], contacts: list[dict[str, Any]]) -> set[str]:
    """All that the receiver is known by: messages of theirs may name any of it."""
    to = {"from": echo.get("to"), "from_user_id": echo.get("to_user_id")}
    contact = _contact_of(to, contacts)
    named = (*to.values(), contact.get("wa_id"), contact.get("user_id"))
    return {person for person in map(id_text, named) if person}


WHATSAPP: Final = Kind(
    "whatsapp",
    prove,
    parse_messages,
    submits="chat",
    is_signed=True,
    handshake=shake_hands,
    written_to=written_to,
    introspection=graph_tokens.asked,
)
