"""`application/x-www-form-urlencoded`, as browsers and as everybody else write it.

https://url.spec.whatwg.org/#urlencoded-parsing
"""

from __future__ import annotations

import codecs
import re
from binascii import unhexlify
from collections.abc import Iterator
from typing import Final

from libs.common.bodies.contract import MOST_FIELDS, Filled, Unreadable, gathered
from libs.common.bodies.texts import decoded, is_wide, known_charset

_ESCAPES: Final = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
_CONTROLS: Final = re.compile(
    rb"%(?:0[0-8BCEF]|1[0-9A-F]|7F)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", re.IGNORECASE
)
"""Without these, and as UTF-8, nothing is to be repaired."""


def read_urlencoded(raw: bytes, charset: str | None) -> Filled:
    """The fields. Raises Unreadable for more than MOST_FIELDS."""
    if raw.count(b"&") >= MOST_FIELDS:
        raise Unreadable("too many fields")
    codec = known_charset(charset) if charset else None
    if codec is not None and is_wide(codec):  # the very names of the fields are ASCII
        codec = None
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if codec is None and not _CONTROLS.search(raw):
        try:
            return Filled(gathered([(name.decode(), text.decode()) for name, text in _parts(raw)]))
        except UnicodeDecodeError:
            pass  # read with repairs, below
    flags = frozenset[str]()
    pairs = []
    for name, value in _parts(raw):
        name_text, value_text = decoded(name, codec), decoded(value, codec)
        flags |= name_text.flags | value_text.flags
        pairs.append((name_text.text, value_text.text))
    return Filled(gathered(pairs), flags)


def _parts(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    for part in raw.replace(b"+", b" ").split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            yield _unescaped(name), _unescaped(value)


def _unescaped(part: bytes) -> bytes:
    """As `urllib.parse.unquote_to_bytes`, but run by run: a Persian word is all escapes."""
    return _ESCAPES.sub(_bytes, part) if b"%" in part else part


def _bytes(run: re.Match[bytes]) -> bytes:
    return unhexlify(run[0].replace(b"%", b""))
