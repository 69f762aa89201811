"""Ends a stage that has work and does none.

A client may be cut off without an error (aiokafka issues 1154, 703, 625).
"""

from __future__ import annotations

import time
from typing import Final

from libs.common import metrics
from libs.common.log import Reader

STUCK_SECONDS: Final = 60.0
LOOK_EVERY: Final = 5.0


class StageStuck(Exception):
    """Lag, no progress and no reason to hold: the process, or the stage, is to start again."""


class Watchdog:
    """Watches one reader. All times are monotonic seconds."""

    def __init__(self, stage: str, stuck_after: float = STUCK_SECONDS) -> None:
        self._stage = stage
        self._stuck_after = stuck_after
        self._moved_at = self._looked_at = time.monotonic()

    def holding(self) -> None:
        """A hold for a dependency counts as life."""
        self._moved_at = time.monotonic()

    async def look(self, reader: Reader, *, progressed: bool) -> None:
        """Note progress; now and then compare with the lag. Raises StageStuck."""
        now = time.monotonic()
        if progressed:
            self._moved_at = now
        if now - self._looked_at < min(LOOK_EVERY, self._stuck_after):
            return
        self._looked_at = now
        lag = sum((await reader.lag()).values())
        metrics.LAG.labels(self._stage).set(lag)
        metrics.SKIPPED.labels(self._stage).set(sum(reader.skipped().values()))
        if not lag:
            self._moved_at = now
        if now - self._moved_at > self._stuck_after:
            raise StageStuck(f"{lag} records wait and none moved for {self._stuck_after:.0f} s")
