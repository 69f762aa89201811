"""Where everybody of a team stands, in exact numbers, and whose turn it is by that.

After every round pointers are back where they were, so the same few standings come again and
again: each is reckoned once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from math import floor
from typing import Final, NamedTuple

from libs.common.configuration.schema import Specialist, Team

_FINEST: Final = 10**12
"""Largest denominator of a pointer: years of changed weights must not let fractions grow."""

Pointers = Mapping[str, Fraction]


class _Member(NamedTuple):
    """One of the team before a lead is given."""

    key: str
    weight: float
    at: tuple[int, int] | None
    """Their pointer; None for somebody new."""
    is_here: bool


class Shares:
    """Where everybody stands before a lead is given."""

    def __init__(self, members: Sequence[_Member]) -> None:
        """Put new members and those who are not here no further back than the level."""
        weights = {m.key: exact(m.weight) for m in members}
        here = [m for m in members if m.is_here]
        known = [(weights[m.key], Fraction(*m.at)) for m in here if m.at]
        done = sum((weight * at for weight, at in known), Fraction(0))
        had = sum((weight for weight, _at in known), Fraction(0))
        total = sum((weights[m.key] for m in here), Fraction(0))
        level = done / had if had else Fraction(0)
        self._weights = weights
        self._here = frozenset(m.key for m in here)
        self._due = level + (1 / total if total else Fraction(0))
        """Where the level is after the lead."""
        self.pointers: Pointers = {m.key: Fraction(*m.at) if m.at else level for m in members}
        self._order = {key: n for n, key in enumerate(sorted(self.pointers, key=self._urgency))}
        self._after: dict[str, Pointers] = {}

    def turn(self, specialist: str) -> int:
        """The lower, the sooner; who comes first in the team's list, of those who are equal."""
        return self._order[specialist]

    def _urgency(self, specialist: str) -> tuple[bool, Fraction, Fraction]:
        at = self.pointers[specialist]
        return at >= self._due, at + 1 / self._weights[specialist], at

    def after(self, chosen: str) -> Pointers:
        """The pointers when `chosen` has got it, brought near zero together.

        Whoever is not here is lifted to the level, and so is not flooded on return from leave:
        while Mary stands at 10 and Spike at 8, Joe, who left at 3, comes back at 9.
        """
        if chosen not in self._after:
            self._after[chosen] = self._given(chosen)
        return self._after[chosen]

    def _given(self, chosen: str) -> Pointers:
        lifted = {
            key: at if key in self._here else max(at, self._due)
            for key, at in self.pointers.items()
        }
        lifted[chosen] += 1 / self._weights[chosen]
        ground = floor(min(lifted.values()))
        return {key: _rounded(at - ground) for key, at in lifted.items()}


def _rounded(at: Fraction) -> Fraction:
    return at if at.denominator <= _FINEST else at.limit_denominator(_FINEST)


@lru_cache(maxsize=256)
def exact(weight: float) -> Fraction:
    """A configured weight as an exact number."""
    return Fraction(str(weight)).limit_denominator(1000)


def shares_of(team: Team, pointers: Pointers, present: Sequence[Specialist]) -> Shares:
    """The shares of a team of which these are here."""
    here = {s.key for s in present}
    return _shares(
        tuple(
            _Member(
                s.key,
                s.weight,
                pointers[s.key].as_integer_ratio() if s.key in pointers else None,
                s.key in here,
            )
            for s in team.specialists
        )
    )


@lru_cache(maxsize=4096)
def _shares(members: tuple[_Member, ...]) -> Shares:
    return Shares(members)
