"""The habits of sources that are quiet, read once for each pause."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Final

from libs.common.configuration import Active
from libs.common.database import Transaction
from libs.common.working import calendar_of
from services.desk.sources.silence import Habit, habit
from services.desk.store import silences
from services.desk.store.silences import Quiet, Reach

REACH: Final = Reach()


class Habits:
    """Those of one process. What a source's arrivals say is the same until the next one comes."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[object, Habit | None]] = {}

    async def of(self, tx: Transaction, quiet: Quiet, active: Active) -> Habit | None:
        """The habit until its newest arrival; None where it has none yet."""
        asked = (quiet.newest_at, active.version)
        known = self._known.get(quiet.source)
        if known is None or known[0] != asked:
            came = await silences.spaced(tx, quiet.source, quiet.newest_at, REACH)
            calendar = calendar_of(active.content.organisation)
            # of a year's arrivals it takes some 30 ms, and the loop is everybody's
            known = (asked, await asyncio.to_thread(habit, came, calendar))
            self._known[quiet.source] = known
        return known[1]

    def keep(self, sources: Collection[str]) -> None:
        """Forget all others."""
        for gone in self._known.keys() - set(sources):
            del self._known[gone]
