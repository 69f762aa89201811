"""Conditions of rules (`field op value`), compiled once into functions of a fact's fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from libs.common.configuration.scoring import Condition
from libs.common.normal.text import digits, fold

Fields = dict[str, Any]
Holds = Callable[[Fields], bool]
_Test = Callable[[Any], bool]


def compile_condition(condition: Condition) -> Holds:
    """The condition as a function.

    A field that is absent, empty or of another kind fulfils nothing but `is_not` and
    `exists: false`; of a field with several values, one that fits is enough. A value that an
    operator cannot use makes a condition that never holds, never an error.
    """
    if condition.op == "exists":
        is_there, wanted = (
            _any_of(condition.field, lambda _value: True),
            condition.value is not False,
        )
        return lambda fields: is_there(fields) is wanted
    if condition.op == "is_not":
        same = _any_of(condition.field, _TESTS["is"](condition.value))
        return lambda fields: not same(fields)
    return _any_of(condition.field, _TESTS[condition.op](condition.value))


def holds_of_nothing(condition: Condition) -> bool:
    """Whether a fact can fulfil the condition by not having the field at all."""
    return condition.op == "is_not" or (condition.op == "exists" and condition.value is False)


def _any_of(field: str, test: _Test) -> Holds:
    """Whether a value at a path such as `contact.phone` passes; what says nothing never does."""
    path = tuple(field.split("."))

    def holds(fields: Fields) -> bool:
        found = value_at(fields, path)
        if found is None or found == "":
            return False
        if isinstance(found, list | tuple):
            return any(test(value) for value in found if value not in (None, "", {}, []))
        return found != {} and test(found)

    return holds


def value_at(found: Any, path: tuple[str, ...]) -> Any:
    """What lies under a path; None where nothing does."""
    for name in path:
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found


@lru_cache(maxsize=1024)
def _folded(text: str) -> str:
    """Every rule asks about the same few words of the same person."""
    return fold(text)


def _plain(value: Any) -> Any:
    return _folded(value) if isinstance(value, str) else value


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def _is(value: Any) -> _Test:
    wanted = _plain(value)
    return lambda found: bool(_plain(found) == wanted)


def _in(value: Any) -> _Test:
    wanted = [_plain(one) for one in _listed(value)]
    return lambda found: _plain(found) in wanted


def _contains(value: Any) -> _Test:
    wanted = [fold(one) for one in _listed(value) if isinstance(one, str) and one]
    return lambda found: isinstance(found, str) and _any_in(wanted, _folded(found))


def _any_in(wanted: list[str], text: str) -> bool:
    return any(one in text for one in wanted)


def _matches(value: Any) -> _Test:
    patterns = [_pattern(fold(one)) for one in _listed(value) if isinstance(one, str)]
    return lambda found: isinstance(found, str) and _any_match(patterns, _folded(found))


def _pattern(text: str) -> re.Pattern[str]:
    below = text.endswith("/*")
    steps = (re.escape(step) for step in re.split(r"\*+", text.removesuffix("/*")))
    return re.compile(".*".join(steps) + (r"(?:/.*)?" if below else ""), re.DOTALL)


def _any_match(patterns: list[re.Pattern[str]], text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in patterns)


def _at_least(value: Any) -> _Test:
    bound = _number(value)
    return lambda found: _compared(found, bound, at_least=True)


def _at_most(value: Any) -> _Test:
    bound = _number(value)
    return lambda found: _compared(found, bound, at_least=False)


def _compared(found: Any, bound: float | None, *, at_least: bool) -> bool:
    number = _number(found)
    if number is None or bound is None:
        return False
    return number >= bound if at_least else number <= bound


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(digits(value) if isinstance(value, str) else value)
    except (TypeError, ValueError):
        return None


_TESTS: Final[dict[str, Callable[[Any], _Test]]] = {
    "is": _is,
    "in": _in,
    "contains": _contains,
    "matches": _matches,
    "at_least": _at_least,
    "at_most": _at_most,
}
