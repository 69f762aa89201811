"""Which page went to which team lately."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from libs.common.configuration import Configuration
from libs.common.database import Transaction
from services.desk.overviews.mapping import PageMap, page_map
from services.desk.store import pages

OVER: Final = timedelta(days=30)


async def look(tx: Transaction, content: Configuration) -> PageMap:
    """The map of the last thirty days."""
    return page_map(content, await pages.counts(tx, datetime.now(UTC) - OVER))
