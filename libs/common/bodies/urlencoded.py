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
_CONTROLS: Final = re.compile(rb"%(?:0[0-8BCEF]|1[0-9A-F]|7F)", re.IGNORECASE)
_FIT: Final = bytes({*range(0x20, 0x7F), *range(0x80, 0x100), *b"\t\n\r"})


def read_urlencoded(raw: bytes, charset: str | None) -> Filled:
    """The fields. Raises Unreadable for more than MOST_FIELDS."""
    if raw.count(b"&") >= MOST_FIELDS:
        raise Unreadable("too many fields")
    codec = known_charset(charset) if charset else None
    if codec is not None and is_wide(codec):  # the very names of the fields are ASCII
        codec = None
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if codec is None and not raw.translate(None, _FIT) and not _CONTROLS.search(raw):
        try:  # without control characters, and as UTF-8, nothing is to be repaired
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
    """As `urllib.parse.unquote_to_bytes`, all at once: a Persian word is nothing but escapes."""
    if b"%" not in part:
        return part
    if b"\\" not in part:
        try:
            return part.replace(b"%", b"\\x").decode("unicode_escape").encode("latin-1")
        except UnicodeDecodeError:
            pass  # a percent sign that begins no escape is left as it is, below
    return _ESCAPES.sub(_bytes, part)


def _bytes(run: re.Match[bytes]) -> bytes:
    return unhexlify(run[0].replace(b"%", b""))
