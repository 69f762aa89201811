"""Connections of the log's own, so that stages at work never starve its leases."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from libs.common.database.engine import is_away
from libs.common.log.port import LogUnavailable

T = TypeVar("T")
STATEMENT_SECONDS: Final = 10
"""What a statement may take before the server ends it."""


class Connections:
    """Two pools to the log's database; each statement is a transaction of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.writing = _engine(url, 2)
        """For appends alone, so that nothing else makes them wait."""
        self.quick = _engine(url, 4)
        """For reading, leases and offsets."""
        self._abandoned: set[asyncio.Task[Any]] = set()

    async def within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        """What `work` gives. Raises LogUnavailable when the database is away or too slow.

        Work that hangs is left behind, because even cancelling it may hang.
        """
        task = asyncio.create_task(work)
        try:
            await asyncio.wait({task}, timeout=seconds)
        finally:
            if not task.done():
                self._abandoned.add(task)
                task.add_done_callback(self._forget)
                task.cancel()
        if not task.done():
            raise LogUnavailable("Postgres did not answer in time")
        try:
            return task.result()
        except (OSError, TimeoutError, exc.TimeoutError) as error:
            raise LogUnavailable("Postgres cannot be reached") from error
        except exc.DBAPIError as error:
            if is_away(error):
                raise LogUnavailable("Postgres is away") from error
            raise

    async def listening(self) -> asyncpg.Connection[Any]:
        """A connection to LISTEN on, outside the pools."""
        url = self._url.replace("postgresql+asyncpg://", "postgresql://", 1)
        return await asyncpg.connect(
            url, timeout=5, server_settings={"application_name": "sarnakh log"}
        )

    async def close(self) -> None:
        """Close both pools."""
        await self.writing.dispose()
        await self.quick.dispose()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._abandoned.discard(task)
        if not task.cancelled():
            task.exception()


def _engine(url: str, pool: int) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool,
        max_overflow=4,
        pool_timeout=5,
        pool_use_lifo=True,
        isolation_level="AUTOCOMMIT",
        connect_args={
            "timeout": 5,
            "server_settings": {
                "application_name": "sarnakh log",
                "statement_timeout": str(1000 * STATEMENT_SECONDS),
            },
        },
    )
