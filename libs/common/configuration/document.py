"""Reads YAML so that every value keeps its line, and nothing is guessed.

YAML 1.1 reads `off` and `no` as false, `12:30` as 750 and dates as objects; here only true,
false, null and plain decimal numbers are more than text.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from libs.common.configuration import yamlwords
from libs.common.configuration.problems import Invalid, Lines, Path, Problem, name_of
from libs.common.events.values import Text

_WHOLE: Final = re.compile(r"-?(0|[1-9]\d{0,17})")
_DECIMAL: Final = re.compile(r"-?(0|[1-9]\d*)\.\d+")
_TAGS: Final = frozenset(
    ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)
_ODD: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_PLAIN: Final = {"true": True, "false": False, "null": None, "~": None, "": None}

DEEPEST: Final = 32
MOST_VALUES: Final = 100_000
MOST_LETTERS: Final = 4 << 20
_DEEP: Final = Text("بیش از اندازه تودرتو است", "is nested too deeply")
_MUCH: Final = Text(
    "با تکرارهای * بیش از اندازه بزرگ می‌شود", "comes to too much with all that its aliases repeat"
)


def is_odd(text: str) -> bool:
    """Whether it holds control characters or lone surrogates."""
    return _ODD.search(text) is not None


def read(text: str) -> tuple[dict[str, Any], Lines]:
    """The document as plain values, and the line of each. Raises Invalid."""
    root = _composed(text)
    reading = _Reading()
    if not isinstance(root, MappingNode):
        raise Invalid(
            [reading.problem(1, (), "باید نام و مقدار باشد", "must be names with values")]
        )
    value = reading.value(root, ())
    if reading.problems:
        raise Invalid(reading.problems)
    return value, Lines(reading.lines)


class _Loader(yaml.SafeLoader):
    """PyYAML's, but for nesting that would exhaust its stack."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        """Raises Invalid at the line where it is nested too deeply."""
        if self._depth > DEEPEST:
            raise Invalid([Problem(self.line + 1, "", _DEEP)])
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


def _composed(text: str) -> Node | None:
    loader = None
    try:
        loader = _Loader(text)
        return loader.get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Invalid([_unreadable(line, yamlwords.NO_CHARACTER)]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Invalid([_unreadable(line, yamlwords.words(error.problem or ""))]) from None
    except (ValueError, OverflowError):  # `chr` and `int` of what the file says
        line = loader.line + 1 if loader else 1
        raise Invalid([_unreadable(line, yamlwords.OUT_OF_RANGE)]) from None
    finally:
        if loader:
            loader.dispose()


def _unreadable(line: int, reason: Text) -> Problem:
    return Problem(
        line, "", Text(f"YAML خوانده نمی‌شود: {reason.fa}", f"not readable YAML: {reason.en}")
    )


class _Reading:
    """One walk over the document.

    An alias stands for all that it names: what a few lines come to is counted, and ends the walk.
    """

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._above: list[Node] = []
        self._values = 0
        self._letters = 0

    def value(self, node: Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        self._count(node, path)
        if node.tag.removeprefix("tag:yaml.org,2002:") not in _TAGS:
            self._note(node, path, "برچسب YAML پذیرفته نیست", "YAML tags are not taken")
        if any(node is each for each in self._above):
            self._note(node, path, "در خودش تکرار شده است", "contains itself")
            return None
        self._above.append(node)
        try:
            if isinstance(node, MappingNode):
                return self._mapping(node, path)
            if isinstance(node, SequenceNode):
                return [self.value(each, (*path, i)) for i, each in enumerate(node.value)]
            return self._scalar(node, path) if isinstance(node, ScalarNode) else None
        finally:
            self._above.pop()

    def _count(self, node: Node, path: Path) -> None:
        """Raises Invalid where the whole is deeper or larger than any configuration is."""
        self._values += 1
        self._letters += len(node.value) if isinstance(node, ScalarNode) else 0
        line = node.start_mark.line + 1
        if len(self._above) > DEEPEST:
            raise Invalid([*self.problems, Problem(line, name_of(path[:1]), _DEEP)])
        if self._values > MOST_VALUES or self._letters > MOST_LETTERS:
            raise Invalid([*self.problems, Problem(line, name_of(path[:1]), _MUCH)])

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self._note(key, path, "نام باید متن ساده باشد", "a name must be plain text")
                continue
            name = str(key.value)
            below = (*path, name)
            self._check(key, below)
            if name in found:
                self._note(key, below, "دو بار آمده است", "is given twice")
                continue
            self.lines[below] = key.start_mark.line + 1
            found[name] = self.value(value, below)
        return found

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        text = str(node.value)
        self._check(node, path)
        if node.style is not None:
            return text
        if text.lower() in _PLAIN:
            return _PLAIN[text.lower()]
        if _WHOLE.fullmatch(text):
            return int(text)
        if not _DECIMAL.fullmatch(text):
            return text
        if not math.isfinite(float(text)):
            self._note(node, path, "عددی بیش از اندازه بزرگ است", "is too large a number")
        return float(text)

    def _check(self, node: ScalarNode, path: Path) -> None:
        """What escapes can bring in: a row of Postgres cannot hold it, nor a terminal show it."""
        if is_odd(str(node.value)):
            self._note(node, path, "نویسه‌ای دارد که متن نیست", "holds a character that is no text")

    def _note(self, node: Node, path: Path, fa: str, en: str) -> None:
        self.problems.append(self.problem(node.start_mark.line + 1, path, fa, en))

    @staticmethod
    def problem(line: int, path: Path, fa: str, en: str) -> Problem:
        return Lines({path: line}).problem(path, fa, en)
