"""Long work in short turns, so that the loop it shares stays quick (delivery rule 30)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import Final, TypeVar

TURN_SECONDS: Final = 0.004
"""Less than the 5 ms of CPU that a slice may take without letting others run."""

Item = TypeVar("Item")


async def in_turns(items: Iterable[Item]) -> AsyncIterator[Item]:
    """The items, letting other tasks run whenever a turn's time is used up."""
    since = time.perf_counter()
    for item in items:
        yield item
        if time.perf_counter() - since > TURN_SECONDS:
            await asyncio.sleep(0)
            since = time.perf_counter()
