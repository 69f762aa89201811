"""Ending: the first signal asks, a later one insists, and a clock makes sure."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Final

from services import early

ALL_WITHIN: Final = 18.0
"""Seconds from the first signal until the process ends itself, whatever hangs; what must be done
then takes up to four more."""
_ONE_REQUEST: Final = 2.0
"""Seconds in which a second signal is the first one told again.

`make` passes on a SIGTERM that its whole group was sent, and a thumb presses Ctrl-C twice.
"""
_SIGNS: Final = (signal.SIGINT, signal.SIGTERM)


def listen(stop: asyncio.Event, last: Callable[[], None]) -> None:
    """Set `stop` at SIGINT or SIGTERM; the status is 0, also where ALL_WITHIN runs out first.

    `last` is what must be done also where the process ends itself without its loop: at a signal
    that insists (status 130), and at the end of that time.
    """
    loop = asyncio.get_running_loop()
    ending = _Ending(stop, last)
    for sign in _SIGNS:
        loop.add_signal_handler(sign, ending.asked)
    if early.was_told():
        ending.asked()


def deafen() -> None:
    """All is done: no signal changes any more how the process ends."""
    loop = asyncio.get_running_loop()
    for sign in _SIGNS:
        loop.remove_signal_handler(sign)
        signal.signal(sign, signal.SIG_IGN)


class _Ending:
    """What one process was told of its end."""

    def __init__(self, stop: asyncio.Event, last: Callable[[], None]) -> None:
        self._stop = stop
        self._last = last
        self._since = 0.0

    def asked(self) -> None:
        """A signal came."""
        if not self._stop.is_set():
            self._stop.set()
            self._since = time.monotonic()
            # A thread, so that it also ends a process whose loop is blocked.
            clock = threading.Timer(ALL_WITHIN, self._end, (0,))
            clock.daemon = True
            clock.start()
        elif time.monotonic() - self._since > _ONE_REQUEST:
            self._end(130)

    def _end(self, status: int) -> None:
        try:
            self._last()
        finally:
            os._exit(status)
