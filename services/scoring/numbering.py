"""Which events of a slice are answered, and under which version of the person's score.

Readers take a version for the newest word on a person, the contact that came with it included;
so each new submission has one of its own, and what is only told again has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from services.scoring.arrival import Arrival
from services.scoring.standing import Standing, Stored


class Place(NamedTuple):
    """What arrived at a place in the slice, and the person that it is of now."""

    number: int
    person: str
    arrived: Arrival


class Numbers(NamedTuple):
    """The answered places with their versions, and the new version of each person with one."""

    answers: Mapping[int, int]
    grown: Mapping[str, int]


def number(
    places: Iterable[Place],
    new: set[str],
    standings: Mapping[str, Standing],
    stored: Mapping[str, Stored],
) -> Numbers:
    """Number the answers; `new` are the facts not known before.

    A submission is always answered: a new one under the next version, one told again under the
    newest. Where no new submission tells a person's news, the last activity does.
    """
    versions = {person: before.score.version for person, before in stored.items()}
    now, left = dict(versions), set(new)
    answers: dict[int, int] = {}
    again: list[Place] = []
    activities: dict[str, int] = {}
    for place in places:
        fact = place.arrived.fact
        if fact is None or not place.arrived.enriched:
            activities[place.person] = place.number
        elif fact.id in left:
            left.remove(fact.id)
            now[place.person] += 1
            answers[place.number] = now[place.person]
        else:
            again.append(place)
    for person, standing in standings.items():
        if standing.is_news and now[person] == versions[person]:
            now[person] += 1
            if person in activities:
                answers[activities[person]] = now[person]
    answers |= {place.number: now[place.person] for place in again}
    return Numbers(answers, {p: n for p, n in now.items() if n > versions[p]})
