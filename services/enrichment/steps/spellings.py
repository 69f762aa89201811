"""Where in what was typed a phone stands: beside remarks, an extension, another number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_NUMBER: Final = r"[+＋(]*\d[\d ().\u00a0\u2010-\u2015-]*"
_EXTENSION: Final = r"(?:داخل[یيى]|د(?=[\s.:])|ext(?:ension)?|x|#)[\s.:]*(\d{1,7})(?!\d)"
_PLACE: Final = re.compile(rf"({_NUMBER})(?:[\s،,;:(\[-]*{_EXTENSION})?", re.IGNORECASE)
_BETWEEN_NUMBERS: Final = re.compile(
    r"[/|;,،؛\n]|\s(?:or|یا|و)\s|\s[-\u2010-\u2015]\s", re.IGNORECASE
)
_UNBROKEN: Final = re.compile(r"[+＋]?\d{10,}")
_DIGIT: Final = re.compile(r"\d")
SHORTEST: Final = 7
"""Digits from which a place in a text may be a phone."""


def spellings(text: str) -> Iterator[str]:
    """The text, then what in it may be the phone alone, likelier first; Latin digits given.

    An extension comes as ` ext 12`, which the library reads in every country.
    """
    yield text
    yield from _places(text)
    parts = [part for part in _BETWEEN_NUMBERS.split(text) if part.strip()]
    for part in parts if len(parts) > 1 else ():
        yield part
        yield from _places(part)
    yield from (found[0] for found in _UNBROKEN.finditer(text))


def _places(text: str) -> Iterator[str]:
    for found in _PLACE.finditer(text):
        if len(_DIGIT.findall(found[1])) >= SHORTEST:
            yield f"{found[1]} ext {found[2]}" if found[2] else found[1]
