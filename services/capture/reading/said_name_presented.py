"""Where somebody presents themselves: `سلام، رضایی هستم`, `I'm Ali`, `this is Sara Ahmadi`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from services.capture.reading.known_names import LATIN
from services.capture.reading.name_words import (
    ENGLISH_TITLE,
    MOST,
    Word,
    is_whole,
    length,
    may_be_family,
    words_of,
)
from services.capture.reading.no_names import JOBS, PLACES_OF_WORK, is_none

_AM: Final = frozenset({"هستم", "ام", "hastam"})
_MOST_BEFORE: Final = 12
"""Words before `هستم` that are looked at."""
_OPENERS: Final = frozenset(
    """
    من بنده اینجانب سلام علیکم درود بخیر خسته نباشید ببخشید مرسی ممنون بله خوبید خوبین باشه
    مجدد دوباره جان ادب احترام وقتتون روزتون عصرتون شبتون man bande salam dorood dorud
    bekheir bekheyr
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
"""After these somebody begins to speak of themselves."""
_AFTER_GIVEN: Final = JOBS | {"از"}
"""What may stand between the name and `هستم`: `من مریم از شیراز هستم`."""
_SELF: Final = frozenset({"من", "بنده", "اینجانب"})
_AFTER_NAME: Final = _AFTER_GIVEN | {"متقاضی", "خریدار", "فرزند", "ساکن", "متولد"}
"""What may follow a whole name after `من`; not `را`."""
_INTRODUCED: Final = re.compile(
    r"\b(?P<by>i am|i['’`´]?m|this is|it['’`´]s|it is)[ ,]{1,2}(?=[A-Za-z])", re.IGNORECASE
)
_HERE: Final = re.compile(
    r"(?:^|[.,،!?]) {0,3}(?P<name>[A-Za-z]{2,20}(?: [A-Za-z]{2,20})?) (?:here|speaking)\b",
    re.MULTILINE,
)
_FROM: Final = frozenset({"from", "here"})
"""After one word in capitals these tell that it is a name: `I'm Artemis from Nil`."""
_READ: Final = 120
"""Characters after an introduction that are looked at."""


def persian_presented(folded: str) -> slice | None:
    """The name before `هستم`, where nothing but a greeting or `من` goes before it."""
    words = words_of(folded)
    for at, word in enumerate(words):
        if word.bare in _AM and (found := _before(words[max(0, at - _MOST_BEFORE) : at])):
            return found
    return _announced(words)


def _announced(words: Sequence[Word]) -> slice | None:
    """A whole name after `من`, without `هستم`: `من علی رضایی، مدیر فروش`."""
    for at, word in enumerate(words):
        before = words[at - 1].bare if at else ""
        if word.bare not in _SELF or (before and before not in _OPENERS):
            continue
        run = list(takewhile(lambda word: bool(word.bare), words[at + 1 : at + 1 + _MOST_BEFORE]))
        bare = [word.bare for word in run]
        count = length(bare)
        ends = count == len(bare) or bare[count] in _AFTER_NAME
        if count and ends and is_whole(bare[:count]):
            return slice(run[0].start, run[count - 1].end)
    return None


def _before(words: Sequence[Word]) -> slice | None:
    first = 0
    for at, word in enumerate(words):
        if not word.bare or word.bare in _OPENERS:
            first = at + 1
    if first == 0 and len(words) == _MOST_BEFORE:
        return None
    bare = [word.bare for word in words[first:]]
    count = length(bare)
    is_all = count == len(bare) or bare[count] in _AFTER_GIVEN
    if not count or not is_all:
        return None
    return slice(words[first].start, words[first + count - 1].end)


def english_presented(folded: str) -> slice | None:
    """The name after `I am` and the like."""
    for found in _INTRODUCED.finditer(folded):
        by_person = not found["by"].lower().startswith(("it", "this"))
        if name := _after(folded, found.end(), by_person=by_person):
            return name
    for found in _HERE.finditer(folded):
        words = found["name"].lower().split()
        if words[0] in LATIN and not any(map(is_none, words)):
            return slice(*found.span("name"))
    return None


def _after(folded: str, start: int, *, by_person: bool) -> slice | None:
    title = ENGLISH_TITLE.match(folded, start)
    words = _run(folded, title.end() if title else start)
    if not words:
        return None
    if words[0].bare in LATIN:
        count = _known(words)
    elif title:
        count = _unknown(words, fewest=1)
    else:
        count = _unknown(words, fewest=2) if by_person else 0
    return slice(start, words[count - 1].end) if count else None


def _run(folded: str, start: int) -> list[Word]:
    """The words up to the next mark."""
    words = words_of(folded[: start + _READ], start)
    return list(takewhile(lambda word: bool(word.bare) and word.typed.isascii(), words))


def _known(words: Sequence[Word]) -> int:
    """How many of the first words are a name that begins with a known one; 0 for a relative's."""
    count = 1
    for word in words[1:MOST]:
        is_like = word.is_capital and words[0].is_capital
        if is_none(word.bare) or not (is_like or word.bare in LATIN or may_be_family(word.bare)):
            break
        count += 1
    after = words[count] if count < len(words) else None
    is_place = after and (after.bare in PLACES_OF_WORK and after.is_capital)
    return 0 if after and (is_place or after.is_possessive) else count


def _unknown(words: Sequence[Word], fewest: int) -> int:
    """How many capitalised words there are, where none of them is an English one that we know."""
    names = list(takewhile(lambda word: word.is_capital, words))
    after = words[len(names)].bare if len(names) < len(words) else ""
    enough = fewest if after not in _FROM else 1
    is_name = enough <= len(names) < MOST and not any(is_none(word.bare) for word in names)
    is_relative = len(names) < len(words) and words[len(names)].is_possessive
    return len(names) if is_name and not is_relative else 0
