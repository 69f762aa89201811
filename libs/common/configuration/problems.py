"""What is wrong with a configuration file, by line and field, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from libs.common.events.values import Text
from libs.common.normal.text import persian
from libs.common.refusal import Refusal

MOST_TOLD: Final = 100
_LONGEST_NAME: Final = 80

Path = tuple[str | int, ...]
"""Names and positions from the top of the file down to a value."""


class Problem(NamedTuple):
    """One thing that is wrong (or, as a warning, not as it seems), and where.

    Line 0 is no line: what is said is about the whole file.
    """

    line: int
    field: str
    text: Text

    def of(self, language: str) -> str:
        """One line for people."""
        word = "خط" if language == "fa" else "line"
        number = persian(self.line) if language == "fa" else self.line
        line = f"{word} {number}: " if self.line else ""
        where = f"{self.field}: " if self.field else ""
        return f"{line}{where}{self.text.of(language)}"


class Lines(NamedTuple):
    """Where in the file each value begins."""

    of: Mapping[Path, int]

    def problem(self, path: Path, fa: str, en: str) -> Problem:
        """A problem at `path`, at the line of the nearest part that the file has."""
        near = path
        while near and near not in self.of:
            near = near[:-1]
        return Problem(self.of.get(near, 1), name_of(path), Text(fa, en))


def name_of(path: Path) -> str:
    """The path as people write it: `teams[0].key`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{_shown(part)}"
    return text.removeprefix(".")


def _shown(name: str) -> str:
    """A name that may be anything, so that a terminal and a log can hold it."""
    short = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in short)


class Invalid(Refusal):
    """A configuration that cannot come into force, with everything that is wrong in it."""

    def __init__(self, problems: Sequence[Problem], file: str = "") -> None:
        self.problems = _first(sorted(problems, key=lambda each: each.line))
        fa, en = ("\n".join(each.of(which) for each in self.problems) for which in ("fa", "en"))
        if file:
            fa, en = f"پیکربندی {file} درست نیست:\n{fa}", f"{file} is not valid:\n{en}"
        super().__init__(fa, en)


def _first(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """As many as anybody reads."""
    if len(problems) <= MOST_TOLD:
        return tuple(problems)
    return (*problems[:MOST_TOLD], Problem(0, "", Text("و خطاهای دیگر", "and more")))
