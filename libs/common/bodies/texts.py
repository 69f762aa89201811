"""Bytes from outside made into text that nothing behind the door can choke on."""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ASCII: Final = bytes(range(0x20, 0x7F))
_WIDE: Final = ("utf-16", "utf-32")


class Repaired(NamedTuple):
    """A text and what had to be done to it (nothing, mostly)."""

    text: str
    flags: frozenset[str] = frozenset()


def repaired(text: str) -> Repaired:
    """Without control characters (Postgres takes no NUL) and lone surrogates (UTF-8 takes none)."""
    if text.isprintable():  # as nearly every text is: nothing unfit can be seen
        return Repaired(text)
    flags = set()
    if _UNFIT.search(text):
        text = _UNFIT.sub("", text)
        flags.add("control_characters")
    if _SURROGATE.search(text):
        text = _SURROGATE.sub("\ufffd", text)
        flags.add("surrogates")
    return Repaired(text, frozenset(flags))


def decoded(raw: bytes, charset: str | None = None) -> Repaired:
    """Text in the charset that the sender named, else UTF-8, else windows-1252 (never fails).

    Browsers send windows-1252 where a page says Latin-1 (WHATWG Encoding, section 4.2).
    """
    flags = frozenset[str]()
    try:
        text = raw.decode(charset or "utf-8")
    except UnicodeError:
        text = raw.decode("windows-1252", errors="replace")
        flags = frozenset({"encoding"})
    fit = repaired(text)
    return Repaired(fit.text, fit.flags | flags)


def known_charset(name: str) -> str | None:
    """The codec of that name, if it is a charset; None for UTF-8 and for nonsense.

    Python's codecs that are none (zlib, rot13, punycode, escapes) do not leave ASCII as it is.
    """
    try:
        found = codecs.lookup(name.strip("\"' ")).name
        if not found.startswith(_WIDE) and _ASCII.decode(found) != _ASCII.decode():
            return None
    except (LookupError, ValueError, TypeError):
        return None
    return None if found == "utf-8" else found


def is_wide(codec: str) -> bool:
    """Whether its letters have more than a byte each, so that no ASCII can be written in it."""
    return codec.startswith(_WIDE)


def header_text(raw: bytes | None, most: int = 512) -> str | None:
    """A header's value for people and programs to read later: bounded, None when empty."""
    if not raw:
        return None
    return decoded(raw[: most * 4]).text.strip()[:most] or None
