"""How often a network has sent lately: a sliding window over two counters, in this process."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

_SECONDS: Final = {"s": 1.0, "min": 60.0, "h": 3600.0}
MOST_NETWORKS: Final = 50_000
"""Beyond it the networks that were quiet longest are forgotten."""


class Rate:
    """So many in so long, as `120/min`."""

    def __init__(self, text: str) -> None:
        count, _, unit = text.partition("/")
        self.count = int(count)
        self.seconds = _SECONDS[unit]


class Counter:
    """Counts by network. The clock is an argument, in seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: OrderedDict[str, tuple[int, int, int]] = OrderedDict()

    def add(self, network: str, now: float, count: int = 1) -> float:
        """Count so many, and give how many there were in the window that ends now.

        The window before counts by the share of it that is still inside.
        """
        window = int(now // self._seconds)
        before, last, current = self._seen.pop(network, (0, window, 0))
        if last != window:
            before, current = (current if last == window - 1 else 0), 0
        current += count
        self._seen[network] = (before, window, current)
        if len(self._seen) > MOST_NETWORKS:
            self._seen.popitem(last=False)
        return before * (1 - (now % self._seconds) / self._seconds) + current


class Limit:
    """A rate as configured, or none."""

    def __init__(self, text: str) -> None:
        self.rate = None if text == "off" else Rate(text)
        self._counter = Counter(self.rate.seconds) if self.rate else None

    def exceeded(self, network: str, now: float, count: int = 1) -> bool:
        """Count so many; whether that is more than allowed."""
        if self.rate is None or self._counter is None:
            return False
        return self._counter.add(network, now, count) > self.rate.count
