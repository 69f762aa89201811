"""Where in a folded text the sender says their name: `من علی رضایی هستم`, `my name is Sara`.

A wrong name is worse than none: it goes before the profile's, and people are greeted by it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from services.capture.reading.known_names import FAMILIES, GIVEN
from services.capture.reading.name_words import (
    ENGLISH_TITLE,
    is_no_name,
    length,
    titles_of,
    words_of,
)
from services.capture.reading.said_name_alone import name_by_itself
from services.capture.reading.said_name_presented import english_presented, persian_presented

_NAMES: Final = GIVEN | FAMILIES
_WORD: Final = r"[^\W\d_]{2,20}"
_WORDS: Final = rf"(?P<name>{_WORD}(?: {{1,2}}{_WORD}){{0,3}}?)(?![\w\u064b-\u0652])"
_ENDS: Final = (
    r"(?= *(?:$|[.,،؛:;!?؟\n0-9+()@*/-]"
    r"|(?:است|ست|هست|هستم|هستش|میباشد|می باشد|شماره|شمارم|تلفن|موبایل|همراه|ایمیل|از|و|متولد|ساکن)"
    r"(?!\w)"
    r"|(?:and|from|here|i|my|phone|mobile|tel|email|e|number|calling)\b))"
)
_INTRODUCTIONS: Final = (
    re.compile(
        r"(?<!\w)(?:(?:اسم|نام)\u0650? ?(?:من|بنده|اینجانب)|اسمم|نامم"
        r"|(?:اسم|نام)(?: و نام خانوادگی)?(?= *[:=])) *[:=]? *"
    ),
    re.compile(
        r"(?:\bmy name(?: is|['’]s| *[:=])|(?:^|[.,،;!?]) {0,3}(?:full |first )?name *[:=]) *",
        re.IGNORECASE | re.MULTILINE,
    ),
)
"""What follows is a name, also one that nobody knows."""
_FAMILY: Final = re.compile(
    r"(?:^|[.,،؛;|/]) {0,3}"
    r"(?:نام خانوادگی|(?:نام )?فامیلی?|(?:family|last)[ _]?name|family|surname) *[:=] *",
    re.IGNORECASE | re.MULTILINE,
)
"""The rest of a name, where a form's lines are typed into a chat."""
_UNKNOWN: Final = re.compile(_WORDS + _ENDS, re.IGNORECASE | re.MULTILINE)
_NOT: Final = frozenset({"نیست", "نبود", "نمیباشد"})
"""After a name these say that it is another: `نام من علی نیست`."""
_READ: Final = 120
"""Characters after an introduction that are looked at."""


def name_in(folded: str, phone: slice | None = None) -> slice | None:
    """The place of the name; `phone` is that of the sender's number, beside which a name may stand.

    What merely may be a name (`من خسته هستم`) is none.
    """
    return (
        _called(folded)
        or persian_presented(folded)
        or english_presented(folded)
        or name_by_itself(folded, phone)
    )


def family_in(folded: str, name: slice) -> slice | None:
    """The family name that is written beside the name, and is no part of it yet."""
    found = _called(folded, (_FAMILY,))
    is_new = found and folded[found] not in folded[name]
    return found if is_new else None


def _called(folded: str, introductions: Sequence[re.Pattern[str]] = _INTRODUCTIONS) -> slice | None:
    for introduction in introductions:
        for found in introduction.finditer(folded):
            title = ENGLISH_TITLE.match(folded, found.end())
            start = title.end() if title else found.end()
            if name := _known(folded, start) or _unknown(folded, start):
                return slice(found.end(), name.stop)
    return None


def _known(folded: str, start: int) -> slice | None:
    """One that begins as names do, up to the first word that is none of it."""
    words = list(takewhile(lambda word: word.bare, words_of(folded[: start + _READ], start)))
    bare = [word.bare for word in words]
    count = length(bare)
    is_denied = bool(_NOT & set(bare[count : count + 2]))
    if not count or is_denied:
        return None
    last = words[count - 1]
    return slice(start, last.end - _written_on(last.bare))


def _unknown(folded: str, start: int) -> slice | None:
    """Whatever stands there, up to where a name ends, if no word of it tells that it is none."""
    found = _UNKNOWN.match(folded, start)
    if not found:
        return None
    words = found["name"].lower().split()
    rest = words[titles_of(words) :]
    if not rest or any(map(is_no_name, rest)):
        return None
    return slice(start, found.end("name") - _written_on(words[-1]))


def _written_on(last: str) -> int:
    """How many letters of the last word are an "is" that is written onto it: `ساراست`, `علیه`."""
    found = (is_ for is_ in ("است", "ست", "ه") if last.removesuffix(is_) in _NAMES)
    return 0 if last in _NAMES else len(next(found, ""))
