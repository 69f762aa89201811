"""`application/x-www-form-urlencoded`, as browsers and as everybody else write it.

https://url.spec.whatwg.org/#urlencoded-parsing
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from services.capture.bodies.contract import MOST_FIELDS, Filled, Unreadable, gathered
from services.capture.texts import Repaired, decoded, known_charset


def read_urlencoded(raw: bytes, charset: str | None) -> Filled:
    """The fields. Raises Unreadable for more than MOST_FIELDS."""
    if raw.count(b"&") >= MOST_FIELDS:
        raise Unreadable("too many fields")
    codec = known_charset(charset) if charset else None
    flags = frozenset[str]()
    pairs = []
    for part in raw.split(b"&"):
        if not part:
            continue
        name, _, value = part.partition(b"=")
        name_text, value_text = _text(name, codec), _text(value, codec)
        flags |= name_text.flags | value_text.flags
        pairs.append((name_text.text, value_text.text))
    return Filled(gathered(pairs), flags)


def _text(part: bytes, codec: str | None) -> Repaired:
    part = part.replace(b"+", b" ")
    return decoded(unquote_to_bytes(part) if b"%" in part else part, codec)
