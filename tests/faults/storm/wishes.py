"""What is asked for, from the environment: SEED, LONG, FAULTS, KINDS, RATE, KEEP and more."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.faults.storm.rows import FAULTS
from tests.faults.storm.rows.contract import Fault

_GATE_RATE: Final = 20.0
_LONG_RATE: Final = 60.0
_LONG_ACCEPTED: Final = 103_000
"""Posts: a few of them are repeats of an id."""
_LONG_KILLS: Final = 300
_GATE_KINDS: Final = 12
_ALWAYS: Final = (
    "services killed at named points",
    "a broker stopped: connected but silent",
    "the spool's disk full",
    "the spool's tail torn",
    "the provider accepts, then hangs",
    "poison on the topics",
)
"""Without these a run does not meet all that it must have met (scene.py, SOMETIMES)."""


@dataclass(frozen=True)
class Wishes:
    """Of one run."""

    seed: str
    is_long: bool
    words: tuple[str, ...]
    """Only faults whose name has one of these; none: all."""
    rate: float
    """Posts per second."""
    accepted: int
    """A long run goes on until so many posts are accepted,"""
    kills: int
    """and so many processes killed."""
    keeps: bool
    """Whether the folder of a good run stays."""
    kinds: int
    """How many kinds of faults a gate does, by its seed; what is done at rest is not counted."""

    @property
    def brokers(self) -> int:
        """How many."""
        return 3 if self.is_long else 1

    def wants(self, fault: Fault) -> bool:
        """Whether the fault is to be done."""
        return not self.words or any(word in fault.name for word in self.words)

    def chosen(self) -> tuple[list[Fault], list[str]]:
        """The faults to be done, and why others that were wanted are left out."""
        chosen, left_out = [], []
        for fault in filter(self.wants, FAULTS):
            if fault.brokers > self.brokers:
                left_out.append(f"{fault.name} (needs {fault.brokers} brokers: LONG=1)")
            elif why := fault.absent():
                left_out.append(f"{fault.name} ({why})")
            else:
                chosen.append(fault)
        return self._drawn(chosen), left_out

    def _drawn(self, faults: list[Fault]) -> list[Fault]:
        """So many of them, the same for the same seed; those that a run cannot do without first."""
        if self.is_long or self.words or len(faults) <= self.kinds:
            return faults
        others = [fault for fault in faults if fault.name not in _ALWAYS]
        luck = Random(f"{self.seed}/kinds")  # noqa: S311 - replayed by its seed
        more = luck.sample(others, max(0, self.kinds - (len(faults) - len(others))))
        return [fault for fault in faults if fault not in others or fault in more]


def wishes() -> Wishes:
    """As the environment has them; what is not set has its default."""
    told = os.environ.get
    is_long = told("LONG") == "1"
    return Wishes(
        seed=told("SEED") or secrets.token_hex(4),
        is_long=is_long,
        words=tuple(filter(None, (word.strip() for word in told("FAULTS", "").split(",")))),
        rate=float(told("RATE") or (_LONG_RATE if is_long else _GATE_RATE)),
        accepted=int(told("ACCEPTED") or _LONG_ACCEPTED),
        kills=int(told("KILLS") or _LONG_KILLS),
        keeps=is_long or bool(told("KEEP")),
        kinds=int(told("KINDS") or _GATE_KINDS),
    )
