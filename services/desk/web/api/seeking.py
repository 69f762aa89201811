"""What somebody types to find a lead: words, and telephone numbers however they are dialled."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Final

from libs.common.normal.text import fold

_NUMBER: Final = re.compile(r"[+(]*[0-9][0-9()./\-–]*")
_BEFORE: Final = re.compile(r"^(?:00|0)")
LEAST_DIGITS: Final = 4


def words_of(typed: str) -> tuple[str, ...]:
    """Folded words, each of which must be found."""
    return tuple(fold(typed).split())


def dialled(words: tuple[str, ...]) -> tuple[str, ...]:
    """The same with each number as it stands within its international form (E.164).

    `0912 123 4567`, `00989121234567` and `+98 912-123-4567` all stand within `+989121234567`
    once spaces, signs and the zeros that are dialled first are gone.
    """
    read: list[str] = []
    for is_number, group in groupby(words, lambda word: _NUMBER.fullmatch(word) is not None):
        run = list(group)
        digits = re.sub(r"\D", "", "".join(run)) if is_number else ""
        read += [_BEFORE.sub("", digits)] if len(digits) >= LEAST_DIGITS else run
    return tuple(read)
