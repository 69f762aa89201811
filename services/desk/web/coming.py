"""Leads of which something was read before themselves: topics are read side by side."""

from __future__ import annotations

import asyncio
from typing import Final

from libs.common.database import Database
from services.desk.store import finding

LOOKS: Final = 20
LOOK_SECONDS: Final = 0.1
"""Together longer than a stage's whole turn takes."""
MOST: Final = 16
"""Who may wait at once, each with a look at the database every tenth of a second."""


class NotYet(Exception):
    """The lead is on its way to the read model."""


class Coming:
    """Those who wait for a lead, in one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting = 0

    async def read(self, lead_id: str) -> None:
        """Wait until a lead that is told of has been read. Raises NotYet.

        No connection is held meanwhile: the stage that brings the lead needs one.
        """
        for _ in range(LOOKS):
            async with self._database.transaction() as tx:
                if not await finding.is_yet_to_be_read(tx, lead_id):
                    return
            if self._waiting >= MOST:
                break
            self._waiting += 1
            try:
                await asyncio.sleep(LOOK_SECONDS)
            finally:
                self._waiting -= 1
        raise NotYet
