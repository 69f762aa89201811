"""What will be done when: drawn from a seed before anything starts, and written to a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Final

from tests.faults.storm.supervisor import SERVICES

_BETWEEN_KILLS: Final = (3.5, 6.0)
_GAP: Final = (0.5, 1.5)


@dataclass(frozen=True)
class Turn:
    """One fault of the list: how long after the one before, and with which luck."""

    fault: str
    lane: str
    after: float
    luck: int


@dataclass(frozen=True)
class Kill:
    """One service killed, so many seconds after the load began."""

    at: float
    whom: str
    how: str


@dataclass(frozen=True)
class Plan:
    """The same seed and the same list of faults, the same plan."""

    seed: str
    turns: tuple[Turn, ...]
    kills: tuple[Kill, ...]


def draw(seed: str, faults: Mapping[str, str], rounds: int, seconds: float) -> Plan:
    """Each fault (name → lane) once a round, in an order of its own; kills beside them."""
    luck = Random(seed)  # noqa: S311 - replayed by its seed
    turns = []
    for _ in range(rounds):
        for fault in luck.sample(sorted(faults), len(faults)):
            after = round(luck.uniform(*_GAP), 2)
            turns.append(Turn(fault, faults[fault], after, luck.getrandbits(32)))
    kills, at = [], 0.0
    while (at := at + luck.uniform(*_BETWEEN_KILLS)) < seconds:
        how = luck.choice(("SIGKILL", "SIGKILL", "SIGKILL", "SIGTERM"))
        kills.append(Kill(round(at, 2), luck.choice(SERVICES), how))
    return Plan(seed, tuple(turns), tuple(kills))


def write(plan: Plan, path: Path) -> None:
    """As a file beside the timeline."""
    path.write_text(json.dumps(asdict(plan), indent=1), encoding="utf-8")
