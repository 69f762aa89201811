"""The time by which something must have come, set anew many times for the price of one timer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

_LEAST: Final = 0.001
"""Seconds; what the loop's timers can tell apart."""


class Deadline:
    """A timer that is left running: when it goes off early it is set for what is left.

    A connection sets three for each request, and nearly none of them is ever reached.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, missed: Callable[[], None]) -> None:
        self._loop = loop
        self._missed: Callable[[], None] | None = missed
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = 0.0
        self._at: float | None = None

    @property
    def is_set(self) -> bool:
        """Whether anything is waited for."""
        return self._at is not None

    def set(self, seconds: float) -> None:
        """From now on so long; whatever was set before does not count any more."""
        self._at = self._loop.time() + seconds
        if self._timer is not None and self._looks_at > self._at:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._look_in(seconds)

    def clear(self) -> None:
        """Nothing is waited for."""
        self._at = None

    def end(self) -> None:
        """Clear it for good."""
        self._at = self._missed = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_in(self, seconds: float) -> None:
        self._looks_at = self._loop.time() + seconds
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._at is None or self._missed is None:
            return
        left = self._at - self._loop.time()
        if left > 0:
            self._look_in(max(left, _LEAST))
            return
        self._at = None
        self._missed()
