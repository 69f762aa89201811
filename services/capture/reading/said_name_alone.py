"""A name that stands by itself: on a line beside the sender's number, or as the whole message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from services.capture.reading.known_names import GIVEN, LATIN, WORDS_TOO
from services.capture.reading.name_words import (
    ADDRESS,
    MOST,
    Word,
    is_family,
    is_given,
    is_no_name,
    may_be_family,
    titles_of,
    words_of,
)

_LINE: Final = re.compile(r"[^\n.؛;|]+")
_OF_PHONE: Final = "\x00"
_BETWEEN: Final = frozenset(_OF_PHONE + ",،:()+-/*")
"""What may stand between a name and a number."""
_LABELS: Final = frozenset(
    """
    شماره تماس تلفن موبایل همراه من ام م هست است این منه شمارمه شمارم واتساپ واتس اپ خودم ثابت
    phone mobile tel number my is no call me cell whatsapp contact
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
_IS: Final = frozenset({"من", "منه", "شمارمه", "هست", "است", "my", "is"})
"""Whoever these go before is not whose number it is, as in `شماره علی`."""
_LONGEST: Final = 80
"""Characters of a line that may be a name, its number and what that is called."""


class _Line(NamedTuple):
    name: tuple[Word, ...]
    """The words that are no label of the number."""
    has_phone: bool
    is_plain: bool
    """Nothing else is in it, and the words stand together; `شماره علی` is another's number."""


def name_by_itself(folded: str, phone: slice | None) -> slice | None:
    """The name that a line consists of, where the line or one next to it has the number."""
    text = _masked(folded, phone)
    lines = [_line(text, found) for found in _LINE.finditer(text) if found[0].strip()]
    for at, line in enumerate(lines):
        near = [line, *lines[max(0, at - 1) : at], *lines[at + 1 : at + 2]]
        is_beside = any(each.has_phone and not each.name for each in near) or line.has_phone
        if not (line.is_plain and line.name) or not (is_beside or len(lines) == 1):
            continue
        if _is_name(line.name, is_beside=is_beside):
            return slice(line.name[0].start, line.name[-1].end)
    return None


def _masked(folded: str, phone: slice | None) -> str:
    """The text with a mark for each character of the number, which may have dots in it."""
    text = folded.replace(_OF_PHONE, "?")
    if phone is None:
        return text
    number = text[phone]
    return text[: phone.start] + _OF_PHONE * len(number) + text[phone.start + len(number) :]


def _line(text: str, found: re.Match[str]) -> _Line:
    has_phone = _OF_PHONE in found[0]
    if len(found[0]) > _LONGEST:
        return _Line((), has_phone, is_plain=False)
    words = words_of(text[: found.end()], found.start())
    name = [word for word in words if word.bare and not (has_phone and word.bare in _LABELS)]
    marks = {word.typed for word in words if not word.bare}
    first = words.index(name[0]) if name else 0
    is_together = not name or words[first : first + len(name)] == name
    is_of = first > 0 and words[first - 1].bare in _LABELS - _IS
    is_plain = is_together and not is_of and marks <= _BETWEEN
    return _Line(tuple(name), has_phone, is_plain)


def _is_name(words: Sequence[Word], *, is_beside: bool) -> bool:
    """Whether all the words are a name; a number beside them is a reason to believe it."""
    bare = [word.bare for word in words]
    titles = titles_of(bare)
    rest = bare[titles:]
    if not 1 <= len(rest) <= MOST:
        return False
    if is_given(bare, titles):
        return _is_given_name(words[titles:], is_beside=is_beside)
    if is_family(rest) == len(rest):
        return is_beside or titles > 0
    is_addressed = titles > 0 and bare[titles - 1] in ADDRESS
    return is_beside and is_addressed and len(rest) == 1 and may_be_family(rest[0])


def _is_given_name(words: Sequence[Word], *, is_beside: bool) -> bool:
    first, *others = words
    if not others:
        return is_beside and first.bare not in WORDS_TOO
    if any(is_no_name(word.bare) for word in others):
        return False
    if first.bare in LATIN and first.is_capital and all(word.is_capital for word in others):
        return True
    if first.bare in WORDS_TOO or not is_beside:
        return bool(is_family([others[-1].bare]))
    last = others[-1].bare
    return may_be_family(last) or last in GIVEN - WORDS_TOO
