"""How soon after a slice the next one is begun: what comes in between shares its fixed cost.

A transaction, the look into the log, offsets and whatever is woken afterwards cost a slice of four
records little more than a slice of one. Who would gather nobody does not wait: well below 100
records/s a lone lead is taken at once. Above that each stage adds up to one such wait to a lead.
"""

from __future__ import annotations

import math
from typing import Final

GATHER_SECONDS: Final = 0.02
"""From the beginning of a slice to that of the next, where one process has all the lanes."""
LONGEST_SECONDS: Final = 0.08
"""The same where several share them. Up to four, each gathers as many records as one would."""
WORTH: Final = 2.0
"""Records that a member is to expect of its own lanes in that time; for fewer it does not wait."""
ENOUGH: Final = 50
"""After a slice of so many more may be waiting already, and a larger one would save nothing."""
ENOUGH_BYTES: Final = 256 * 1024
"""The same of large records, of which a reader gives few at once."""
_MEMORY_SECONDS: Final = 0.5
"""Over which the rate is reckoned."""


class Tempo:
    """Of one member of a group that shares `lanes` partitions. Times in seconds, of one clock."""

    def __init__(self, lanes: int) -> None:
        self._lanes = lanes
        self._begun_at = -math.inf
        self._is_enough = False
        self._seen = 0.0
        """Records, each counting for less the longer ago it came."""

    def begun(self, now: float, records: int, size: int) -> None:
        """A slice of so many records, of `size` bytes together, is begun."""
        self._seen = self._seen_at(now) + records
        self._begun_at = now
        self._is_enough = records >= ENOUGH or size >= ENOUGH_BYTES

    def rest(self, now: float, own: int) -> float:
        """How long to wait before the next look, holding `own` of the lanes."""
        if not own or self._is_enough:
            return 0.0
        wait = min(max(1.0, self._lanes / own) * GATHER_SECONDS, LONGEST_SECONDS)
        if self._seen_at(now) / _MEMORY_SECONDS * wait < WORTH:
            return 0.0
        return max(0.0, self._begun_at + wait - now)

    def _seen_at(self, now: float) -> float:
        return self._seen * math.exp((self._begun_at - now) / _MEMORY_SECONDS)
