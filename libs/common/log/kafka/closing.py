"""Closes what hangs in the background, so that a silent broker holds up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from libs.common.log.kafka.client import (
    KafkaError,
)


class Closing:
    """What is being closed. A broker that comes back lets it finish; the process's end drops it."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    def let_go(self, closing: Coroutine[Any, Any, Any]) -> asyncio.Task[None]:
        """Begin to close something; whatever it raises is of no interest any more."""
        task = asyncio.create_task(_quietly(closing))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def wait(self, seconds: float) -> None:
        """Wait at most so long for all of it."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=seconds)


async def _quietly(closing: Coroutine[Any, Any, Any]) -> None:
    try:
        await closing
    except (KafkaError, OSError, TimeoutError):
        return  # the other side is gone: closed as well
