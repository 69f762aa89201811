"""Ending: the first signal asks, the second insists, and a clock makes sure."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import Final

from services import early

ALL_WITHIN: Final = 20.0
"""Seconds from the first signal to the end of the process, whatever hangs."""


def listen(stop: asyncio.Event) -> None:
    """Set `stop` at SIGINT or SIGTERM; the process ends with status 0 in ALL_WITHIN at most."""
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, _asked, stop)
    if early.was_told():
        _asked(stop)


def _asked(stop: asyncio.Event) -> None:
    if stop.is_set():
        os._exit(130)
    stop.set()
    # A thread, so that it also ends a process whose loop is blocked.
    clock = threading.Timer(ALL_WITHIN, os._exit, (0,))
    clock.daemon = True
    clock.start()
