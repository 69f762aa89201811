"""Comments below posts, on Instagram and on a Facebook page: an activity of their author.

https://developers.facebook.com/docs/instagram-platform/webhooks
https://developers.facebook.com/docs/graph-api/webhooks/reference/page/#feed
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.sources.arrival import Arrival, Withdrawn, odd
from services.capture.sources.chats import heard
from services.capture.sources.instagram_events import FACEBOOK, REMOVED, Event
from services.capture.sources.values import canonical, id_text, mapping, of_seconds, texts

COMMENT: Final = "comment"


class _Said(NamedTuple):
    """A comment, however its platform names the parts."""

    key: str | None
    text: dict[str, str]
    at: Any
    """Seconds since 1970."""
    place: dict[str, str | None]
    ad: dict[str, str]


def commented(event: Event, source: Source) -> Arrival | Withdrawn | None:
    """A comment is an activity: its author can be answered once, within seven days.

    One with a phone or an e-mail in it is a wish to be called, and a lead. One that is removed is
    taken back, whoever removed it: the page may do so for its author.
    """
    if event.what.get("verb") == REMOVED:
        return _removed(event.what)
    what, author = event.what, mapping(event.what.get("from"))
    person = id_text(author.get("id"))
    if person and person == event.account:
        return None
    is_on_page = event.platform == FACEBOOK
    said = _on_page(event) if is_on_page else _on_instagram(event)
    raw = canonical(what)
    if said.key is None or person is None:
        return odd(raw, raw)
    named = texts(author, "name") if is_on_page else {}
    arrival = Arrival(
        said.key,
        raw,
        {"handle": f"{event.platform}:{person}", "message": said.text.get("text", ""), **named},
        texts(author, "username"),
        Attribution(page_url=source.page, ad=said.ad),
        test=event.is_test,
        raw=raw,
        occurred_at=of_seconds(said.at),
    )
    place = {name: text for name, text in said.place.items() if text}
    arrival = heard(arrival, source, what, nicknames=is_on_page)
    if {"phone", "email"} & arrival.fields.keys():
        return arrival._replace(extra={**arrival.extra, "comment_on": place})
    return arrival._replace(extra={**arrival.extra, "data": said.text | place}, activity=COMMENT)


def _removed(what: dict[str, Any]) -> Arrival | Withdrawn:
    """From memory: a page says so by the id of the comment; Instagram has no such word."""
    key, raw = id_text(what.get("comment_id")), canonical(what)
    return Withdrawn(key) if key else odd(raw, raw)


def _on_instagram(event: Event) -> _Said:
    what, media = event.what, mapping(event.what.get("media"))
    place = {
        "media": id_text(media.get("id")),
        "media_type": texts(media, "media_product_type").get("media_product_type"),
        **texts(what, "parent_id"),
    }
    ad = texts(media, "ad_id", "ad_title")
    return _Said(id_text(what.get("id")), texts(what, "text"), event.at, place, ad)


def _on_page(event: Event) -> _Said:
    """A page names a post as the parent of what is said directly below it."""
    what, known = event.what, texts(event.what, "post_id", "parent_id", "message")
    post, parent = known.get("post_id"), known.get("parent_id")
    text = {"text": known["message"]} if "message" in known else {}
    place = {"post": post, "parent_id": parent if parent != post else None}
    at = what.get("created_time", event.at)
    return _Said(id_text(what.get("comment_id")), text, at, place, {})
