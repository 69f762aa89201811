"""docs/promises.md is held against the tree: what it names exists, and every number has a test."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
LATER: Final = frozenset({24})
"""Invariants of what is not built yet."""
NUMBERS: Final = {
    "rule": range(1, 31),
    "invariant": [number for number in range(1, 31) if number not in LATER],
    "trap": range(1, 27),
}


@pytest.fixture(scope="module")
def tests() -> set[str]:
    """The names of all tests."""
    return {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"(?m)^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"))
    }


def rows(kind: str) -> dict[int, set[str]]:
    """The tests that the page names, by number, in the table of that kind."""
    page = (ROOT / "docs/promises.md").read_text(encoding="utf-8")
    table = page.partition(f"\n| {kind} |")[2].partition("\n\n")[0]
    found = re.findall(r"(?m)^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", table)
    assert all(len(words.split()) > 3 for _number, words, _tests in found)
    return {int(number): set(re.findall(r"`(\w+)`", names)) for number, _words, names in found}


@pytest.mark.parametrize("kind", NUMBERS)
def test_the_page_has_every_number_and_names_only_tests_that_exist(
    kind: str, tests: set[str]
) -> None:
    told = rows(kind)
    assert sorted(told) == list(NUMBERS[kind])
    assert [number for number, names in told.items() if not names] == []
    assert sorted(set().union(*told.values()) - tests) == []


@pytest.mark.parametrize("kind", ["rule", "invariant"])
def test_every_number_is_carried_by_a_test_and_none_by_one_that_is_not_promised(
    kind: str, tests: set[str]
) -> None:
    carried = {int(n) for name in tests for n in re.findall(rf"^test_{kind}_(\d\d)_", name)}
    assert carried == set(NUMBERS[kind])


def test_a_number_has_two_digits(tests: set[str]) -> None:
    """So that `-k rule_1` is not ten rules."""
    wrong = [name for name in tests if re.match(r"test_(rule|invariant|trap)_\d_", name)]
    assert wrong == []
