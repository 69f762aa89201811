"""What a call of an Instagram account, or of a Facebook page, lists: messages and comments.

https://developers.facebook.com/docs/messenger-platform/webhooks
https://developers.facebook.com/docs/instagram-platform/webhooks
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from services.capture.sources.arrival import Arrival, odd
from services.capture.sources.hub import is_sample
from services.capture.sources.values import canonical, id_text, mapping, texts

FACEBOOK: Final = "facebook"
_COMMENTS: Final = frozenset({"comments", "live_comments"})
_FEED: Final = "feed"
_LEADS: Final = "leadgen"
_COMMENT: Final = "comment"
REMOVED: Final = "remove"
_VERBS: Final = ("add", REMOVED)
_OF_ANOTHER_APP: Final = "standby"


class Event(NamedTuple):
    """One event of an account."""

    what: dict[str, Any]
    platform: str
    """Whose ids its people have: instagram or facebook."""
    account: str | None
    at: Any
    """When the call was made up, seconds since 1970."""
    is_comment: bool
    is_ours: bool
    """Whether the thread is ours to answer, and not another app's."""
    is_test: bool


def events_in(platform: str, entries: list[Any]) -> Iterator[Event | Arrival]:
    """All that an entry lists; what has not the shape of an event is held.

    `standby` are messages in threads that another app answers: people write to us there too.
    A lead form's answer that came here is held too: kind `meta` takes those.
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
            if field == _LEADS:
                yield odd(canonical(change), canonical(change))
            elif _is_comment(field, value):
                listed.append(([value], _COMMENT))
            elif "sender" in value:
                listed.append(([value], field or ""))
        if not listed and not isinstance(changes, list):
            yield odd(canonical(entry), canonical(entry))
        for each, field in listed:
            for what in each if isinstance(each, list) else [each]:
                if isinstance(what, dict):
                    yield Event(
                        what,
                        platform,
                        account,
                        whole.get("time"),
                        field == _COMMENT,
                        field != _OF_ANOTHER_APP,
                        is_sample(entry),
                    )
                else:
                    yield odd(canonical(what), canonical(what))


def _is_comment(field: str | None, value: dict[str, Any]) -> bool:
    """A comment, new or removed, among the many things in a page's feed.

    On Instagram it is a field of its own, which tells of new ones only.
    """
    if field == _FEED:
        return value.get("item") == _COMMENT and value.get("verb") in _VERBS
    return field in _COMMENTS
