"""Who is told to end before it listens for that: it ends at once, or as soon as it listens."""

from __future__ import annotations

import signal
import sys
from typing import Final

_TOLD: Final[list[int]] = []


def listen() -> None:
    """From now on SIGTERM ends the process with status 0, and Ctrl-C with 130 and no traceback."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _break_off)


def loaded() -> None:
    """What the command does about Ctrl-C is its own from now on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def was_told() -> bool:
    """Whether it came already: Python drops the end where C calls back, and the process goes on."""
    return bool(_TOLD)


def _break_off(sign: int, _frame: object) -> None:
    _TOLD.append(sign)
    sys.exit(130)


def _end(sign: int, _frame: object) -> None:
    _TOLD.append(sign)
    sys.exit(0)
