"""The words of a text, and how many of them are a name where one is to be expected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from services.capture.reading.known_names import FAMILIES, GIVEN, MEN
from services.capture.reading.no_names import is_none

MOST: Final = 4
"""Words of a name, its titles not counted."""
_LONGEST: Final = 20
"""Letters of a word of a name."""
_TOKEN: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u064b-\u0652\u0670'’])*| +|\d+|[^\w ]|_")
_MARKS: Final = re.compile(r"[\u064b-\u0652\u0670\u0640]")
_CAPITAL: Final = re.compile(r"[A-Z](?:[a-z]|['’][A-Z])")
ADDRESS: Final = frozenset({"اقای", "خانم", "خانوم"})
"""Forms of address which only names follow, nearly."""
TITLES: Final = ADDRESS | {"اقا", "سرکار", "جناب", "مهندس", "دکتر", "سید", "سیده", "حاج", "حاجی"}
ENGLISH_TITLE: Final = re.compile(r"(?:mr|mrs|ms|miss|dr|eng|prof)\b\.? {0,3}", re.IGNORECASE)
_FEMALE: Final = frozenset({"خانم", "خانوم", "سیده"})
_BUILT: Final = ("زاده", "پور", "نژاد")
"""With these ends a word is a family name, whatever it begins with."""
_SHAPES: Final = (
    *_BUILT,
    "ی",
    "یان",
    "نیا",
    "فر",
    "راد",
    "مهر",
    "وند",
    "لو",
    "منش",
    "دوست",
    "خواه",
)
_LATIN_SHAPES: Final = ("i", "ee", "ey", "zadeh", "pour", "poor", "nejad", "nia", "far", "ian")


class Word(NamedTuple):
    """A word, or whatever else stands between words, and its place."""

    bare: str
    """Without vowel signs, in small letters; empty for what is no word."""
    start: int
    end: int
    typed: str

    @property
    def is_capital(self) -> bool:
        """Written as names are in Latin letters: `Sara`, `O'Brien`, and not `SEO`."""
        return bool(_CAPITAL.match(self.typed)) and not self.is_possessive

    @property
    def is_possessive(self) -> bool:
        """That something of theirs comes next: `Ali's`."""
        return self.bare.endswith(("'s", "’s"))


def words_of(text: str, start: int = 0) -> list[Word]:
    """Words and what stands between them, without spaces."""
    found = []
    for token in _TOKEN.finditer(text, start):
        typed = token[0]
        if typed[0] != " ":
            is_word = typed[0].isalpha()
            bare = _MARKS.sub("", typed).replace("ئ", "ی").lower() if is_word else ""
            found.append(Word(bare if len(bare) <= _LONGEST else "", *token.span(), typed))
    return found


def is_no_name(word: str) -> bool:
    """Whether it is one of the words that are none of a name, and no name besides."""
    return is_none(word) and word not in GIVEN and word not in FAMILIES


def titles_of(words: Sequence[str]) -> int:
    """How many of the first words are titles."""
    return next((n for n, word in enumerate(words) if word not in TITLES), len(words))


def is_family(words: Sequence[str]) -> int:
    """How many of the first words are a family name that is known, or built as only those are."""
    if not words:
        return 0
    two = "".join(words[:2])
    if len(words) > 1 and words[1] in _BUILT and not is_none(words[0]) and not is_none(two):
        return 2
    first = words[0]
    is_built = len(first) > len("زاده") + 1 and first.endswith(_BUILT) and not is_none(first)
    return int(first in FAMILIES or is_built)


def may_be_family(word: str) -> bool:
    """Whether a word after a given name is the family's, by its shape."""
    if word in FAMILIES:
        return True
    shapes = _LATIN_SHAPES if word.isascii() else _SHAPES
    return len(word) > len("abcd") and word.endswith(shapes) and not is_none(word)


def is_given(words: Sequence[str], titles: int) -> bool:
    """Whether a given name follows the titles; `خانم علی رضایی` is somebody's wife."""
    name = words[titles] if titles < len(words) else ""
    is_wife = name in MEN and bool(_FEMALE & set(words[:titles]))
    return name in GIVEN and not is_wife


def is_whole(words: Sequence[str]) -> bool:
    """Whether a name has both, a given name and a family name, and both are known."""
    rest = words[titles_of(words) :]
    return len(rest) > 1 and rest[0] in GIVEN and is_family(rest[1:]) == len(rest) - 1


def length(words: Sequence[str]) -> int:
    """How many of the first words are a name, titles included; 0 where they begin with none.

    After `آقای` any may be one; after `خانم` also what somebody is: `خانم ورزشکار هستم`.
    """
    titles = titles_of(words)
    rest = words[titles:]
    if is_given(words, titles):
        return titles + 1 + _until_none(rest[1:MOST])
    if family := is_family(rest):
        return titles + family
    if titles and words[titles - 1] == "اقای" and rest:
        known = _until_none(rest[:2])
        return titles + known if known else 0
    return 0


def _until_none(words: Sequence[str]) -> int:
    """How many words there are before one that is none of a name."""
    return next((n for n, word in enumerate(words) if is_no_name(word)), len(words))
