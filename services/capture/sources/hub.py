"""How all of Meta's platforms call: the `hub.` handshake, X-Hub-Signature-256, and entries.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import parse_qsl

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from services.capture.calls.call import Answer
from services.capture.sources.arrival import DUPLICATES, Arrival, Knock, Withdrawn, odd
from services.capture.sources.chats import distinct
from services.capture.sources.proofs import is_one_of, is_signed
from services.capture.sources.values import id_text, mapping

MOST: Final = 2000
"""Things of one call; Meta sends up to 1000."""
PAGE: Final = "page"
"""The object of a Facebook page: its lead forms, its messages, what is said below its posts."""
_SIGNED: Final = b"sha256="
_OF_A_TEST: Final = "0"
T = TypeVar("T")


def shake_hands(knock: Knock, source: Source) -> Answer | None:
    """The challenge, as it came, for who knows the token."""
    asked = dict(parse_qsl(knock.query.decode("latin-1"), keep_blank_values=True))
    token = asked.get("hub.verify_token", "").encode()
    known = is_one_of(token, [source.verify_token] if source.verify_token else None)
    if asked.get("hub.mode") != "subscribe" or not known:
        return None
    challenge = asked.get("hub.challenge", "").encode()
    return Answer(200, challenge, b"text/plain")


def prove(knock: Knock, source: Source, _now: float) -> bool:
    """X-Hub-Signature-256, by the app's secret on the raw bytes; the old SHA-1 counts nothing."""
    given = knock.headers.get(b"x-hub-signature-256", b"")
    if not given.startswith(_SIGNED):
        return False
    return is_signed(knock.body, given.removeprefix(_SIGNED), source)


class Told(NamedTuple):
    """What a call is about, and its entries."""

    about: str
    entries: list[Any]


def entries_in(knock: Knock, *of: str) -> Told | Arrival:
    """What a call about one of these objects holds; of anything else the whole, held."""
    try:
        body, flags = parse(knock.body)
    except Unreadable:
        return odd(knock.body)
    if DUPLICATES in flags:
        return odd(knock.body, held=DUPLICATES)
    about, entries = mapping(body).get("object"), mapping(body).get("entry")
    if about not in of or not isinstance(entries, list):
        return odd(knock.body)
    return Told(about, entries)


def arrivals_in(
    knock: Knock,
    of: Mapping[str, Callable[[list[Any]], Iterator[T | Arrival]]],
    read: Callable[[T], Arrival | Withdrawn | None],
) -> Sequence[Arrival | Withdrawn]:
    """What a call about chats says: its entries taken apart by its object, each thing by `read`.

    Arrivals among what is listed are held already. A call of more things than anybody sends is
    held as a whole.
    """
    told = entries_in(knock, *of)
    if isinstance(told, Arrival):
        return [told]
    listed = list(islice(of[told.about](told.entries), MOST + 1))
    if len(listed) > MOST:
        return [odd(knock.body)]
    found = [each if isinstance(each, Arrival) else read(each) for each in listed]
    return distinct(each for each in found if each is not None)


def is_sample(entry: Any) -> bool:
    """Whether it is what the Test button of the app's dashboard sends, of no account."""
    return id_text(mapping(entry).get("id")) == _OF_A_TEST
