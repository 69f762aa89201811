"""Instagram: direct messages are a chat; a comment is an activity of its author.

https://developers.facebook.com/docs/messenger-platform/webhooks
https://developers.facebook.com/docs/instagram-platform/webhooks
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.sources import graph_tokens, instagram_names
from services.capture.sources.arrival import Arrival, Knock, Withdrawn, odd
from services.capture.sources.chats import heard
from services.capture.sources.contract import Kind
from services.capture.sources.fetch import Fetch
from services.capture.sources.hub import (
    MOST,
    arrivals_in,
    entries_in,
    is_sample,
    prove,
    shake_hands,
)
from services.capture.sources.values import (
    canonical,
    id_text,
    mapping,
    of_milliseconds,
    of_seconds,
    texts,
)

COMMENT: Final = "comment"
_COMMENTS: Final = frozenset({"comments", "live_comments"})
_OF_ANOTHER_APP: Final = "standby"
_SAYS: Final = ("message", "postback", "referral")
"""Parts of an event in which a person does something; reads, reactions and edits are none."""
_LONGEST_KEY: Final = 512
NAMED_WITHIN_DAYS: Final = 1
"""A name that comes later helps nobody: they have been called, or have said it."""


class Event(NamedTuple):
    """One event of an account."""

    what: dict[str, Any]
    account: str | None
    at: Any
    """When the call was made up, seconds since 1970."""
    is_comment: bool
    is_ours: bool
    """Whether the thread is ours to answer, and not another app's."""
    is_test: bool


def parse_events(knock: Knock, source: Source) -> Sequence[Arrival | Withdrawn]:
    """What people wrote, and their comments."""
    return arrivals_in(knock, "instagram", _events, lambda event: _arrival(event, source))


def _events(entries: list[Any]) -> Iterator[Event | Arrival]:
    """All that an entry lists; what has not the shape of an event is held.

    `standby` are messages in threads that another app answers: people write to us there too.
    """
    for entry in entries:
        whole, account = mapping(entry), id_text(mapping(entry).get("id"))
        listed: list[tuple[Any, str]] = [
            (whole.get(n), n) for n in ("messaging", _OF_ANOTHER_APP) if n in whole
        ]
        changes = whole.get("changes")
        for change in changes if isinstance(changes, list) else ():
            value = mapping(mapping(change).get("value"))
            field = texts(mapping(change), "field").get("field")
            if field in _COMMENTS or "sender" in value:
                listed.append(([value], field or ""))
        if not listed and not isinstance(changes, list):
            yield odd(canonical(entry), canonical(entry))
        for each, field in listed:
            for what in each if isinstance(each, list) else [each]:
                if isinstance(what, dict):
                    yield Event(
                        what,
                        account,
                        whole.get("time"),
                        field in _COMMENTS,
                        field != _OF_ANOTHER_APP,
                        is_sample(entry),
                    )
                else:
                    yield odd(canonical(what), canonical(what))


def _arrival(event: Event, source: Source) -> Arrival | Withdrawn | None:
    return _comment(event, source) if event.is_comment else _message(event, source)


def _message(event: Event, source: Source) -> Arrival | Withdrawn | None:
    what = event.what
    named = next((name for name in _SAYS if name in what), None)
    part = mapping(what.get(named)) if named else {}
    person, to = (id_text(mapping(what.get(side)).get("id")) for side in ("sender", "recipient"))
    if named is None or part.get("is_echo") is True or (person and person == event.account):
        return None
    stamp = id_text(what.get("timestamp"))
    mid = texts(part, "mid").get("mid") or (
        f"referral:{person}:{stamp}" if named == "referral" and stamp else None
    )
    raw = canonical(what)
    if person is None or mid is None or len(mid) > _LONGEST_KEY:
        return odd(raw, raw)
    if part.get("is_deleted") is True:
        return Withdrawn(mid)
    referral = part if named == "referral" else mapping(part.get("referral"))
    ad, rest = _came_by(referral)
    extra = _beside(part) | {"to": to, "referral": rest}
    said = texts(part, "text", "title")
    arrival = Arrival(
        mid,
        raw,
        {"handle": f"{source.kind}:{person}", "message": next(iter(said.values()), "")},
        extra,
        Attribution(page_url=source.page, ad=ad),
        test=event.is_test,
        raw=raw,
        start=texts(referral, "ref").get("ref"),
        occurred_at=of_milliseconds(stamp),
        reply={"to": person} if event.is_ours and named != "referral" else {},
    )
    arrival = heard(arrival, source, what)
    asks = source.access_token and named != "referral" and "name" not in arrival.fields
    return arrival._replace(stranger=person if asks and not event.is_test else None)


def written_to(knock: Knock, _source: Source) -> Iterator[str]:
    """Whom our account wrote to, from the app or by another program."""
    entries = entries_in(knock, "instagram")
    for event in () if isinstance(entries, Arrival) else islice(_events(entries), MOST):
        if not isinstance(event, Event) or event.is_comment:
            continue
        person = id_text(mapping(event.what.get("recipient")).get("id"))
        if person and mapping(event.what.get("message")).get("is_echo") is True:
            yield f"instagram:{person}"


def _beside(part: dict[str, Any]) -> dict[str, Any]:
    """What comes with a message's words, or instead of them."""
    attachments = part.get("attachments")
    first = attachments[0] if isinstance(attachments, list) and attachments else None
    kind = texts(mapping(first), "type").get("type")
    pressed = texts(part, "payload") or texts(mapping(part.get("quick_reply")), "payload")
    to_story = "story" in mapping(part.get("reply_to"))
    return {
        "attachment": "unsupported" if part.get("is_unsupported") is True else kind,
        "reply_to": "story" if to_story else None,
        **pressed,
    }


def _came_by(referral: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """The ad behind a message, and what else is said of the way."""
    context = mapping(referral.get("ads_context_data"))
    ad = texts(referral, "ad_id")
    ad |= texts(context, "ad_title", "post_id") if ad else {}
    return ad, texts(referral, "source", "type") | texts(context, "photo_url", "video_url")


def _comment(event: Event, source: Source) -> Arrival | None:
    """A comment is an activity: its author can be answered once, within seven days.

    One with a phone or an e-mail in it is a wish to be called, and a lead.
    """
    what, author = event.what, mapping(event.what.get("from"))
    key, person = id_text(what.get("id")), id_text(author.get("id"))
    if person and person == event.account:
        return None
    raw = canonical(what)
    if key is None or person is None:
        return odd(raw, raw)
    media = mapping(what.get("media"))
    place = {
        "media": id_text(media.get("id")),
        "media_type": texts(media, "media_product_type").get("media_product_type"),
        **texts(what, "parent_id"),
    }
    place = {name: text for name, text in place.items() if text}
    said = texts(what, "text")
    arrival = Arrival(
        key,
        raw,
        {"handle": f"{source.kind}:{person}", "message": said.get("text", "")},
        texts(author, "username"),
        Attribution(page_url=source.page, ad=texts(media, "ad_id", "ad_title")),
        test=event.is_test,
        raw=raw,
        occurred_at=of_seconds(event.at),
    )
    arrival = heard(arrival, source, what)
    if {"phone", "email"} & arrival.fields.keys():
        return arrival._replace(extra={**arrival.extra, "comment_on": place})
    return arrival._replace(extra={**arrival.extra, "data": said | place}, activity=COMMENT)


INSTAGRAM: Final = Kind(
    "instagram",
    prove,
    parse_events,
    submits="chat",
    is_signed=True,
    handshake=shake_hands,
    written_to=written_to,
    fetch=Fetch(instagram_names.request, instagram_names.read, NAMED_WITHIN_DAYS, names=True),
    introspection=graph_tokens.asked,
)
