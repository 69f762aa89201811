"""Tries routes on which messages wait, so that nobody waits for long once a receiver is back."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from libs.common.database import Database
from services.routing.channels.contract import Result, Sent
from services.routing.store import probing as store
from services.routing.store.sending import Claimed

LOOK_SECONDS: Final = 5.0


class Probing:
    """What one sender has seen of routes; where it dies, another finds out by trying."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._well: dict[tuple[str, str], datetime] = {}
        self._look_at = 0.0

    def heard(self, one: Claimed, result: Result) -> None:
        """Note what became of an attempt."""
        if isinstance(result, Sent):
            message = one.notification
            self._well[message.channel, message.address] = one.at

    async def look(self) -> None:
        """Every few seconds, make due what need not wait any longer. Raises Retry."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        well, self._well = self._well, {}
        async with self._database.transaction() as tx:
            await store.hasten(tx, well)
