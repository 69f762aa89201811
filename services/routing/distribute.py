"""Whose turn it is in a team (weighted, fewest open leads, or in order), and who was skipped.

Weighted: everybody has a pointer that grows by 1/weight with every lead, so that equal
pointers are equal shares. The next lead goes to whoever would fall behind first, among those
who are not ahead of the team: earliest deadline first over the windows of
https://doi.org/10.1007/BF01940883 (Baruah et al., proportionate progress). That keeps every
member within one lead of the exact share at every moment, for any weights; the plain lowest
pointer does so for equal weights only, and there the two are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from math import floor
from typing import Final, NamedTuple

from libs.common.configuration.schema import Specialist, Team
from libs.common.events import Skipped, Text
from services.routing import words

_FINEST: Final = 10**12
"""Largest denominator of a pointer: years of changed weights must not let fractions grow."""

Pointers = Mapping[str, Fraction]


class Seeker(NamedTuple):
    """What of a lead matters to the choice within a team."""

    language: str | None = None
    passed: tuple[str, ...] = ()


class Pick(NamedTuple):
    """Who gets it, the clause that says why, who was skipped, and the pointers after it."""

    specialist: Specialist
    why: Text
    skipped: tuple[Skipped, ...]
    pointers: Pointers


class _Standing(NamedTuple):
    """The team as this lead finds it."""

    candidates: Sequence[Specialist]
    present: Sequence[Specialist]
    skipped: tuple[Skipped, ...]


def distribute(
    team: Team,
    pointers: Pointers,
    load: Mapping[str, int],
    seeker: Seeker,
    hindered: Mapping[str, Text],
) -> tuple[Pick | None, tuple[Skipped, ...]]:
    """The pick, or None where all are hindered or have passed; and everybody who was skipped.

    `load` is the number of open leads by specialist; `hindered` says why who cannot take it.
    """
    standing = _standing(team, seeker, hindered)
    if not standing.candidates:
        return None, standing.skipped
    shares = shares_of(team, pointers, standing.present)
    chosen, why = _choose(team, standing.candidates, shares, load)
    return Pick(chosen, why, standing.skipped, shares.after(chosen)), standing.skipped


def least_bad(team: Team, pointers: Pointers, seeker: Seeker, hindered: Mapping[str, Text]) -> Pick:
    """Somebody, where a lead must have an owner whoever is there.

    Whoever can take it before who cannot; of those who passed, who did so longest ago.
    """
    order = {key: place for place, key in enumerate(seeker.passed)}
    chosen = min(team.specialists, key=lambda s: (s.key in hindered, order.get(s.key, -1)))
    present = [s for s in team.specialists if s.key not in hindered] or [chosen]
    return Pick(chosen, words.NOBODY, (), shares_of(team, pointers, present).after(chosen))


def longest_ago(
    teams: Sequence[tuple[Team, Mapping[str, Text]]],
    pointers: Mapping[str, Pointers],
    passed: Sequence[str],
) -> tuple[Team, Pick] | None:
    """Of those who passed on it and could take it, who did so longest ago.

    Each team comes with who is hindered. Never the last who passed: they have just done so.
    """
    for key in passed[:-1]:
        for team, hindered in teams:
            present = [s for s in team.specialists if s.key not in hindered]
            chosen = next((s for s in present if s.key == key), None)
            if chosen:
                shares = shares_of(team, pointers.get(team.key, {}), present)
                return team, Pick(chosen, words.longest_ago(chosen.name), (), shares.after(chosen))
    return None


def _standing(team: Team, seeker: Seeker, hindered: Mapping[str, Text]) -> _Standing:
    skipped = [Skipped(s.key, hindered[s.key]) for s in team.specialists if s.key in hindered]
    present = [s for s in team.specialists if s.key not in hindered]
    skipped += [Skipped(s.key, words.PASSED) for s in present if s.key in seeker.passed]
    candidates = [s for s in present if s.key not in seeker.passed]
    speaking = [s for s in candidates if _speaks(s, seeker.language)]
    if speaking and seeker.language:
        silent = [s for s in candidates if s not in speaking]
        skipped += [Skipped(s.key, words.does_not_speak(seeker.language)) for s in silent]
        candidates = speaking
    return _Standing(candidates, present, tuple(skipped))


def _speaks(member: Specialist, language: str | None) -> bool:
    """Somebody whose languages are not written down is taken to speak them all."""
    return language is None or not member.languages or language in member.languages


@lru_cache(maxsize=256)
def exact(weight: float) -> Fraction:
    """A configured weight as an exact number."""
    return Fraction(str(weight)).limit_denominator(1000)


class Shares(NamedTuple):
    """Where everybody stands before a lead is given."""

    pointers: Pointers
    here: frozenset[str]
    level: Fraction
    """Where somebody stands who has had exactly their share."""
    step: Fraction
    """How far one lead lifts the level."""

    def after(self, chosen: Specialist) -> Pointers:
        """The pointers when `chosen` has got it, brought near zero together.

        Whoever is not here is lifted to the level, and so is not flooded on return from leave:
        while Mary stands at 10 and Spike at 8, Joe, who left at 3, comes back at 9.
        """
        lifted = {
            key: at if key in self.here else max(at, self.level + self.step)
            for key, at in self.pointers.items()
        }
        lifted[chosen.key] += 1 / exact(chosen.weight)
        ground = floor(min(lifted.values()))
        return {key: _rounded(at - ground) for key, at in lifted.items()}


def _rounded(at: Fraction) -> Fraction:
    return at if at.denominator <= _FINEST else at.limit_denominator(_FINEST)


def shares_of(team: Team, pointers: Pointers, present: Sequence[Specialist]) -> Shares:
    """The shares, with new members and those who are not here no further back than the level.

    So nobody is flooded on return from leave: Mary 10, Spike 8, Joe back at 3 counts as 9.
    """
    known = [(exact(s.weight), pointers[s.key]) for s in present if s.key in pointers]
    weights = sum((weight for weight, _at in known), Fraction(0))
    done = sum((weight * at for weight, at in known), Fraction(0))
    level = done / weights if weights else Fraction(0)
    total = sum((exact(s.weight) for s in present), Fraction(0))
    return Shares(
        pointers={s.key: pointers.get(s.key, level) for s in team.specialists},
        here=frozenset(s.key for s in present),
        level=level,
        step=1 / total if total else Fraction(0),
    )


def _choose(
    team: Team, candidates: Sequence[Specialist], shares: Shares, load: Mapping[str, int]
) -> tuple[Specialist, Text]:
    pointers = shares.pointers
    if team.strategy == "in_order":
        return candidates[0], words.first_in_order(candidates[0].name)
    if team.strategy == "least_open":
        chosen = min(candidates, key=lambda s: (load.get(s.key, 0), pointers[s.key]))
        return chosen, words.fewest_open(chosen.name)

    def urgency(member: Specialist) -> tuple[bool, Fraction, Fraction]:
        at = pointers[member.key]
        return at >= shares.level + shares.step, at + 1 / exact(member.weight), at

    chosen = min(candidates, key=urgency)
    return chosen, words.turn_of(chosen.name)
