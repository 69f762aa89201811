"""Reads YAML so that every value keeps its line, and nothing is guessed.

YAML 1.1 reads `off` and `no` as false, `12:30` as 750 and dates as objects; here only true,
false, null and plain decimal numbers are more than text.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from libs.common.configuration.problems import Invalid, Lines, Path, Problem
from libs.common.events.values import Text

_WHOLE: Final = re.compile(r"-?(0|[1-9]\d{0,17})")
_DECIMAL: Final = re.compile(r"-?(0|[1-9]\d*)\.\d+")
_TAGS: Final = frozenset(
    ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)
_PLAIN: Final = {"true": True, "false": False, "null": None, "~": None, "": None}


def read(text: str) -> tuple[dict[str, Any], Lines]:
    """The document as plain values, and the line of each. Raises Invalid."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Invalid([_unreadable(line, error.problem or "")]) from error
    except yaml.YAMLError as error:
        raise Invalid([_unreadable(1, "")]) from error
    reading = _Reading()
    if not isinstance(root, MappingNode):
        raise Invalid(
            [reading.problem(1, (), "باید نام و مقدار باشد", "must be names with values")]
        )
    value = reading.value(root, ())
    if reading.problems:
        raise Invalid(reading.problems)
    return value, Lines(reading.lines)


def _unreadable(line: int, reason: str) -> Problem:
    return Problem(line, "", Text(f"YAML خوانده نمی‌شود: {reason}", f"not readable YAML: {reason}"))


class _Reading:
    """One walk over the document."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._above: list[Node] = []

    def value(self, node: Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
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
            return self._scalar(node) if isinstance(node, ScalarNode) else None
        finally:
            self._above.pop()

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self._note(key, path, "نام باید متن ساده باشد", "a name must be plain text")
                continue
            name = str(key.value)
            below = (*path, name)
            if name in found:
                self._note(key, below, "دو بار آمده است", "is given twice")
                continue
            self.lines[below] = key.start_mark.line + 1
            found[name] = self.value(value, below)
        return found

    @staticmethod
    def _scalar(node: ScalarNode) -> Any:
        text = str(node.value)
        if node.style is not None:
            return text
        if text.lower() in _PLAIN:
            return _PLAIN[text.lower()]
        if _WHOLE.fullmatch(text):
            return int(text)
        return float(text) if _DECIMAL.fullmatch(text) else text

    def _note(self, node: Node, path: Path, fa: str, en: str) -> None:
        self.problems.append(self.problem(node.start_mark.line + 1, path, fa, en))

    @staticmethod
    def problem(line: int, path: Path, fa: str, en: str) -> Problem:
        return Lines({path: line}).problem(path, fa, en)
