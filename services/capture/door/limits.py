"""How often somebody has sent lately: a sliding window over two counters, in this process."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Final

_SECONDS: Final = {"s": 1.0, "min": 60.0, "h": 3600.0}
MOST_SENDERS: Final = 50_000
"""Beyond it those that were quiet longest are forgotten."""
_ROUNDED: Final = 0.001
"""Seconds that shares of a window may be wrong by: whoever waits as long as told is let in."""


class Rate:
    """So many in so long, as `120/min`."""

    def __init__(self, text: str) -> None:
        count, _, unit = text.partition("/")
        self.count = int(count)
        self.seconds = _SECONDS[unit]


class Counter:
    """Counts by sender: a network, or what it sends to. The clock is an argument, in seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: OrderedDict[str, tuple[int, int, int]] = OrderedDict()

    def add(self, sender: str, now: float, count: int = 1) -> float:
        """Count so many, and give how many there were in the window that ends now.

        The window before counts by the share of it that is still inside.
        """
        before, current = self._lately(sender, now)
        self._seen[sender] = (before, int(now // self._seconds), current + count)
        self._seen.move_to_end(sender)
        if len(self._seen) > MOST_SENDERS:
            self._seen.popitem(last=False)
        return before * (1 - self._passed(now)) + current + count

    def wait(self, sender: str, now: float, most: int, count: int = 1) -> float:
        """Seconds until so many more would stay within `most`; 0 where they do now.

        More at once than fit at all count as so many as fit.
        """
        before, current = self._lately(sender, now)
        passed, room = self._passed(now), most - min(count, most)
        if current <= room:
            free = 1 - (room - current) / before if before else 0.0
            return max(0.0, free - passed) * self._seconds
        late = max(0.0, 1 - room / current)  # a share of the window that comes next
        return (1 - passed + late) * self._seconds

    def _lately(self, sender: str, now: float) -> tuple[int, int]:
        window = int(now // self._seconds)
        before, last, current = self._seen.get(sender, (0, window, 0))
        if last == window:
            return before, current
        return (current if last == window - 1 else 0), 0

    def _passed(self, now: float) -> float:
        return (now % self._seconds) / self._seconds


class Limit:
    """A rate as configured, or none."""

    def __init__(self, text: str) -> None:
        self.rate = None if text == "off" else Rate(text)
        self._counter = Counter(self.rate.seconds) if self.rate else None

    def exceeded(self, sender: str, now: float, count: int = 1) -> bool:
        """Count so many; whether that is more than allowed."""
        if self.rate is None or self._counter is None:
            return False
        return self._counter.add(sender, now, count) > self.rate.count

    def wait(self, sender: str, now: float, count: int = 1) -> int:
        """Count so many if they are allowed; else the whole seconds until they would be.

        Who is refused is not counted: however many try, as many as allowed get through.
        """
        if self.rate is None or self._counter is None:
            return 0
        seconds = self._counter.wait(sender, now, self.rate.count, count) - _ROUNDED
        if seconds <= 0:
            self._counter.add(sender, now, count)
        return max(0, math.ceil(seconds))
