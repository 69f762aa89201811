"""A set of whole numbers kept as spans: which sequences the log has acknowledged."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable


class Ranges:
    """Disjoint spans in order, both ends included; neighbours are joined."""

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for low, high in spans:
            self.add(low, high)

    def add(self, low: int, high: int) -> None:
        """Add every number from `low` to `high`; nothing when `high` is below `low`."""
        if high < low:
            return
        first = bisect_left(self._ends, low - 1)
        last = bisect_right(self._starts, high + 1)
        if first < last:
            low = min(low, self._starts[first])
            high = max(high, self._ends[last - 1])
        self._starts[first:last] = [low]
        self._ends[first:last] = [high]

    def covers(self, low: int, high: int) -> bool:
        """Whether all from `low` to `high` are in; true for an empty span."""
        at = bisect_right(self._starts, low) - 1
        return high < low or (at >= 0 and self._ends[at] >= high)

    def gap(self, low: int, high: int) -> tuple[int, int] | None:
        """The first span between `low` and `high` that is missing."""
        at = bisect_right(self._starts, low) - 1
        if at >= 0 and self._ends[at] >= low:
            low = self._ends[at] + 1
        if low > high:
            return None
        after = bisect_right(self._starts, low)
        end = self._starts[after] - 1 if after < len(self._starts) else high
        return low, min(end, high)

    def spans(self) -> list[tuple[int, int]]:
        """All spans, in order."""
        return list(zip(self._starts, self._ends, strict=True))
