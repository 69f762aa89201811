"""Connections of the log's own, so that stages at work never starve its leases."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from functools import partial
from typing import Any, Final, TypeVar

import asyncpg

from libs.common.database.engine import is_away
from libs.common.database.pool import CONNECT_SECONDS, DRIVER, NotLetIn, Pool
from libs.common.log.port import LogUnavailable

T = TypeVar("T")
STATEMENT_SECONDS: Final = 10
"""What a statement may take before the server ends it."""
NOTIFY_SECONDS: Final = 1
"""What it may take to tell others: they look by themselves that often."""
_MOST: Final = 8
"""Connections for all but appends."""


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OSError, TimeoutError) as error:
        raise LogUnavailable("Postgres cannot be reached") from error
    except DRIVER as error:
        if is_away(error):
            raise LogUnavailable("Postgres is away") from error
        raise


class Writer:
    """A connection for one short statement, again and again, without a pool.

    Used from one task at a time. Whatever fails or is left behind costs the connection.
    """

    def __init__(
        self, connect: Callable[..., Awaitable[asyncpg.Connection[Any]]], seconds: float
    ) -> None:
        """`seconds` is what a statement may take, with its connecting, before it is cut off."""
        self._connect = connect
        self._seconds = seconds
        self._connection: asyncpg.Connection[Any] | None = None

    async def execute(self, statement: str, *arguments: object) -> None:
        """Run a statement; the connection keeps it prepared. Raises LogUnavailable.

        What takes too long is cut off, and nothing is waited for after that: no task is needed.
        """
        loop = asyncio.get_running_loop()
        until, late = loop.time() + self._seconds, False
        used, self._connection = self._connection, None
        if used is None or used.is_closed():
            used = await self._connect(statement_timeout=str(1000 * STATEMENT_SECONDS))

        def cut() -> None:
            nonlocal late
            late = True
            used.terminate()

        timer = loop.call_at(until, cut)
        try:
            with _translated():
                await used.fetch(statement, *arguments)
        except BaseException as error:
            used.terminate()
            if late and isinstance(error, Exception):  # the driver may stumble in any way by then
                raise LogUnavailable("Postgres did not answer in time") from error
            raise
        finally:
            timer.cancel()
        self._connection = used

    def close(self) -> None:
        """Close the connection at once."""
        if self._connection is not None:
            self._connection.terminate()


class Connections:
    """A pool to the log's database, and its writer; each statement is its own transaction."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.writing = Writer(partial(self._reached, STATEMENT_SECONDS), STATEMENT_SECONDS)
        """For appends alone, so that nothing else makes them wait."""
        self.telling = Writer(partial(self._reached, NOTIFY_SECONDS), NOTIFY_SECONDS)
        self.quick = Pool(
            url,
            _MOST,
            {
                "application_name": "sarnakh log",
                "default_transaction_isolation": "read committed",
                "statement_timeout": str(1000 * STATEMENT_SECONDS),
            },
        )
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
        with _translated():
            return task.result()

    async def _reached(self, seconds: float, **settings: str) -> asyncpg.Connection[Any]:
        return await self.within(seconds, self.direct(**settings))

    async def direct(self, **settings: str) -> asyncpg.Connection[Any]:
        """A connection of the driver's own, outside the pool; each statement commits itself.

        Raises OSError where there is none.
        """
        named = {"application_name": "sarnakh log", **settings}
        try:
            return await asyncpg.connect(self._url, timeout=CONNECT_SECONDS, server_settings=named)
        except DRIVER as error:
            raise NotLetIn from error

    async def close(self) -> None:
        """Close all."""
        self.writing.close()
        self.telling.close()
        await self.quick.close()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._abandoned.discard(task)
        if not task.cancelled():
            task.exception()
