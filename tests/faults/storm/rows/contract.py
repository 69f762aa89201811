"""What a fault is: something done to the system for a while, and what was seen of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from tests.faults.storm.scene import Storm


def _nothing() -> str:
    return ""


@dataclass(frozen=True)
class Fault:
    """One fault; it undoes itself before it returns, whatever happens in between."""

    name: str
    row: str
    """Its number in the fault matrix of docs/faults.md."""
    inject: Callable[[Storm, Random], Awaitable[str]]
    """Does it, and says in a few words what was seen."""
    lane: str = "processes"
    """Faults of one lane come after one another, lanes run side by side: what touches the same
    thing is in the same lane (processes, surroundings, outside)."""
    absent: Callable[[], str] = _nothing
    """Why it cannot be done on this machine; empty where it can."""
    brokers: int = 1
    """With how many brokers at least it makes sense."""
