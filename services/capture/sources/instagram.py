"""Instagram, and Messenger of a Facebook page: messages are a chat, a comment is an activity.

https://developers.facebook.com/docs/messenger-platform/webhooks
https://developers.facebook.com/docs/instagram-platform/webhooks
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final

from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.sources import graph_tokens, instagram_names
from services.capture.sources.arrival import Arrival, Knock, Withdrawn, odd
from services.capture.sources.chats import heard
from services.capture.sources.contract import Kind
from services.capture.sources.fetch import Fetch
from services.capture.sources.hub import (
    MOST,
    PAGE,
    arrivals_in,
    entries_in,
    prove,
    shake_hands,
)
from services.capture.sources.instagram_comments import commented
from services.capture.sources.instagram_events import FACEBOOK, Event, events_in
from services.capture.sources.values import canonical, id_text, mapping, of_milliseconds, texts

_OBJECTS: Final = {
    "instagram": partial(events_in, "instagram"),
    PAGE: partial(events_in, FACEBOOK),
}
_SAYS: Final = ("message", "postback", "referral")
"""Parts of an event in which a person does something; reads, reactions and edits are none."""
_LONGEST_KEY: Final = 512
NAMED_WITHIN_DAYS: Final = 1
"""A name that comes later helps nobody: they have been called, or have said it."""


def parse_events(knock: Knock, source: Source) -> Sequence[Arrival | Withdrawn]:
    """What people wrote, and their comments."""
    return arrivals_in(knock, _OBJECTS, lambda event: _arrival(event, source))


def _arrival(event: Event, source: Source) -> Arrival | Withdrawn | None:
    return commented(event, source) if event.is_comment else _message(event, source)


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
        {"handle": f"{event.platform}:{person}", "message": next(iter(said.values()), "")},
        extra,
        Attribution(page_url=source.page, ad=ad),
        test=event.is_test,
        raw=raw,
        start=texts(referral, "ref").get("ref"),
        occurred_at=of_milliseconds(stamp),
        reply=_address(event, person) if named != "referral" else {},
    )
    arrival = heard(arrival, source, what)
    asks = source.access_token and named != "referral" and "name" not in arrival.fields
    is_told = event.platform != FACEBOOK and not event.is_test
    return arrival._replace(stranger=person if asks and is_told else None)


def _address(event: Event, person: str) -> dict[str, str]:
    """Where to answer, in a thread that is ours; Messenger wants to hear that it is an answer."""
    if not event.is_ours:
        return {}
    return {"to": person} | ({"type": "RESPONSE"} if event.platform == FACEBOOK else {})


def written_to(knock: Knock, _source: Source) -> Iterator[str]:
    """Whom our account wrote to, from the app or by another program."""
    told = entries_in(knock, *_OBJECTS)
    for event in (
        () if isinstance(told, Arrival) else islice(_OBJECTS[told.about](told.entries), MOST)
    ):
        if not isinstance(event, Event) or event.is_comment:
            continue
        person = id_text(mapping(event.what.get("recipient")).get("id"))
        if person and mapping(event.what.get("message")).get("is_echo") is True:
            yield f"{event.platform}:{person}"


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
