"""Long work in short turns, so that the loop it shares stays quick (delivery rule 30)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final, TypeVar

TURN_SECONDS: Final = 0.004
"""Less than the 5 ms of CPU that a slice may take without letting others run."""

TOGETHER: Final = 32
"""Items between two looks at the clock, where each is a matter of microseconds."""

Item = TypeVar("Item")


async def in_turns(items: Iterable[Item]) -> AsyncIterator[Item]:
    """The items, letting other tasks run whenever a turn's time is used up."""
    since = time.perf_counter()
    for item in items:
        yield item
        if time.perf_counter() - since > TURN_SECONDS:
            await asyncio.sleep(0)
            since = time.perf_counter()


async def in_groups(items: Sequence[Item], size: int = TOGETHER) -> AsyncIterator[Sequence[Item]]:
    """The items, so many at once: for work so small that taking turns would cost as much."""
    since = time.perf_counter()
    for start in range(0, len(items), size):
        yield items[start : start + size]
        if time.perf_counter() - since > TURN_SECONDS:
            await asyncio.sleep(0)
            since = time.perf_counter()
