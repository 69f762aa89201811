"""Lines of a text file as records, by any delimiter; one open quote does not swallow the rest."""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from libs.common.normal.names import ours_of

MOST_LINES: Final = 200
"""Lines that one record may have: with more, a quote was never closed."""
USUAL: Final = (",", ";", "\t", "|", "،", "؛")
_NO_DELIMITERS: Final = frozenset("\"'_-.@+/()\\ \r\n\u200c\u200f\u200e\ufeff")
_TRIED: Final = 200
"""Records of the beginning that decide."""
_SHARE: Final = 0.6
"""Of them, at least so many have as many cells as most."""


class Row(NamedTuple):
    """A record, and the line of the file that it begins on (from 1)."""

    line: int
    cells: list[str]


class _Torn(Exception):
    """A record with no end in sight."""


class _Feed:
    """Lines for the reader of records, which can be given back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            raise _Torn
        line = self._back.popleft() if self._back else next(self._lines)
        self.number += 1
        self.taken.append(line)
        return line

    def first_alone(self) -> str:
        """The first line taken; all after it are given back."""
        first, *rest = self.taken
        self._back.extendleft(reversed(rest))
        self.number -= len(rest)
        return first


def records(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """Every record, empty ones too, with quotes as RFC 4180 has them.

    Of a record whose quote is not closed, the first line is one by itself.
    """
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        begins = feed.number + 1
        feed.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_Torn, csv.Error):
            yield Row(begins, _plain(feed.first_alone(), delimiter))
            continue
        if len(feed.taken) > 1 and sum(line.count('"') for line in feed.taken) % 2:
            cells = _plain(feed.first_alone(), delimiter)  # the file ended inside a quote
        yield Row(begins, cells)


def _plain(line: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.rstrip("\r\n").split(delimiter)]


def delimiter_of(sample: str, *, is_whole: bool) -> str:
    """The character that cuts most records of the sample into as many cells, and into most.

    `is_whole` when nothing follows the sample: else its last record may be cut.
    """
    lines = sample.splitlines(keepends=True)
    if lines and not is_whole:
        lines.pop()
    if (
        lines
        and lines[0].lower().startswith("sep=")
        and len(lines[0].rstrip("\r\n")) == len("sep=,")
    ):
        return lines[0][4]
    others = [c for c in dict.fromkeys(lines[0] if lines else "") if _can_be(c)]
    best = max(((_fit(lines, each), each) for each in (*USUAL, *others)), default=None)
    return best[1] if best and best[0] > (0.0, 0, 0, 0) else ","


def _can_be(character: str) -> bool:
    return not (character.isalnum() or character in _NO_DELIMITERS or character in USUAL)


def _fit(lines: list[str], delimiter: str) -> tuple[float, int, int, int]:
    """How well it cuts: the share of equal records, known names on top, cells, how usual it is."""
    found = [row.cells for row, _ in zip(records(lines, delimiter), range(_TRIED), strict=False)]
    filled = [cells for cells in found if any(cell.strip() for cell in cells)]
    widths = Counter(map(len, filled))
    if not widths:
        return (0.0, 0, 0, 0)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    share = count / len(filled)
    if width == 1 or share < _SHARE:
        return (0.0, 0, 0, 0)
    known = max(sum(ours_of(cell) is not None for cell in cells) for cells in filled[:10])
    usual = len(USUAL) - USUAL.index(delimiter) if delimiter in USUAL else 0
    return (round(share, 1), known, width, usual)
