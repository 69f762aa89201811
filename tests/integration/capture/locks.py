"""Looks, from beside, at who waits for a lock in a test's database."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from libs.common.database import Database
from libs.common.database.statements import text

_WAITING: Final = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
""")


async def held_up(database: Database, count: int, *tasks: asyncio.Task[Any]) -> None:
    """Return when so many wait for a lock, or one of the tasks has ended."""
    deadline = time.monotonic() + 30
    found = 0
    while found < count and not any(task.done() for task in tasks):
        assert time.monotonic() < deadline
        async with database.transaction() as tx:  # each sees the same until its end
            found = await tx.scalar(_WAITING)
