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
from typing import NamedTuple

from libs.common.configuration.schema import Specialist, Team
from libs.common.events import Skipped, Text
from services.routing import words
from services.routing.choosing.shares import Pointers, Shares, shares_of


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

    `load` is the number of open leads by specialist, for a team that goes by it; `hindered` says
    why who cannot take it.
    """
    standing = _standing(team, seeker, hindered)
    if not standing.candidates:
        return None, standing.skipped
    shares = shares_of(team, pointers, standing.present)
    chosen, why = _choose(team, standing.candidates, shares, load)
    return Pick(chosen, why, standing.skipped, shares.after(chosen.key)), standing.skipped


def least_bad(team: Team, pointers: Pointers, seeker: Seeker, hindered: Mapping[str, Text]) -> Pick:
    """Somebody, where a lead must have an owner whoever is there.

    Whoever can take it before who cannot; of those who passed, who did so longest ago.
    """
    order = {key: place for place, key in enumerate(seeker.passed)}
    chosen = min(team.specialists, key=lambda s: (s.key in hindered, order.get(s.key, -1)))
    present = [s for s in team.specialists if s.key not in hindered] or [chosen]
    return Pick(chosen, words.NOBODY, (), shares_of(team, pointers, present).after(chosen.key))


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
                return team, Pick(
                    chosen, words.longest_ago(chosen.name), (), shares.after(chosen.key)
                )
    return None


def _standing(team: Team, seeker: Seeker, hindered: Mapping[str, Text]) -> _Standing:
    skipped = [Skipped(s.key, hindered[s.key]) for s in team.specialists if s.key in hindered]
    present = [s for s in team.specialists if s.key not in hindered]
    skipped += [Skipped(s.key, words.PASSED) for s in present if s.key in seeker.passed]
    candidates = [s for s in present if s.key not in seeker.passed]
    speaking = [s for s in candidates if _speaks(s, seeker.language)]
    if speaking and seeker.language:
        silent = [s for s in candidates if not _speaks(s, seeker.language)]
        skipped += [Skipped(s.key, words.does_not_speak(seeker.language)) for s in silent]
        candidates = speaking
    return _Standing(candidates, present, tuple(skipped))


def _speaks(member: Specialist, language: str | None) -> bool:
    """Somebody whose languages are not written down is taken to speak them all."""
    return language is None or not member.languages or language in member.languages


def _choose(
    team: Team, candidates: Sequence[Specialist], shares: Shares, load: Mapping[str, int]
) -> tuple[Specialist, Text]:
    if team.strategy == "in_order":
        return candidates[0], words.first_in_order(candidates[0].name)
    if team.strategy == "least_open":
        at = shares.pointers
        chosen = min(candidates, key=lambda s: (load.get(s.key, 0), at[s.key]))
        return chosen, words.fewest_open(chosen.name)
    chosen = min(candidates, key=lambda s: shares.turn(s.key))
    return chosen, words.turn_of(chosen.name)
