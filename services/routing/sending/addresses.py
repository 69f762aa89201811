"""How many messages may be under way to one address: few, and more where it answers quickly.

The rise by one and the fall at once are those of a network's senders (additive increase, RFC
5681, section 3.1): a receiver that hangs is soon left with few, one that keeps up is not held back.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

FEW: Final = 4
MOST: Final = 24
QUICK_SECONDS: Final = 0.25
_REMEMBERED: Final = 1000


class Addresses:
    """What one process sends to whom."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()
        self._limits: dict[str, int] = {}

    def rooms(self) -> dict[str, int]:
        """How many more each may take, of those that differ from FEW."""
        known = self._under_way.keys() | self._limits.keys()
        return {one: self._limits.get(one, FEW) - self._under_way[one] for one in known}

    def begin(self, address: str) -> None:
        """One more is on its way."""
        self._under_way[address] += 1

    def end(self, address: str, seconds: float, *, answered: bool) -> None:
        """One less; it took so long, and was `answered` or not."""
        self._under_way[address] -= 1
        if not self._under_way[address]:
            del self._under_way[address]
        if answered and seconds <= QUICK_SECONDS:
            limit = min(MOST, self._limits.pop(address, FEW) + 1)
            self._limits[address] = limit  # to the end: the oldest are forgotten first
            if len(self._limits) > _REMEMBERED:
                del self._limits[next(iter(self._limits))]
        else:
            self._limits.pop(address, None)
