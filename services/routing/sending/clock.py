"""The database's clock, for what leaves this machine: its own may be wrong by an hour."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """What the database's clock last said, carried on by the monotonic one (invariant 27)."""

    def __init__(self, own: Callable[[], datetime]) -> None:
        """`own` is this machine's clock, for before the database has said anything."""
        self._own = own
        self._ahead: float | None = None

    def heard(self, now: datetime) -> None:
        """The database says that it is `now`."""
        self._ahead = now.timestamp() - time.monotonic()

    def now(self) -> datetime:
        """The time, in UTC."""
        if self._ahead is None:
            return self._own()
        return datetime.fromtimestamp(self._ahead + time.monotonic(), UTC)
