"""Connections that are made when first wanted and kept; one that is left in doubt is closed."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import structlog

from libs.common.database.connection import Connection, run
from libs.common.database.rows import Result, Row
from libs.common.database.statements import Statement
from libs.common.database.transaction import Transaction

_log = structlog.get_logger()
CONNECT_SECONDS: Final = 5.0
WAIT_SECONDS: Final = 10.0
"""For one of the pool's connections, when all are at work."""
_CLOSE_SECONDS: Final = 1.0
_END_SECONDS: Final = 1.0
_STATEMENTS: Final = 500
"""How many a connection keeps prepared: more than any service has."""
_FOR_EVER: Final = 2**62
DRIVER: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver raises. The last of them where a connection is cut at a bad moment."""


class NotLetIn(ConnectionError):
    """The server refused a connection, for whatever reason: it has said nothing of a statement."""


class Pool:
    """At most `most` connections to one Postgres. Can be made while it is away."""

    def __init__(
        self, url: str, most: int, settings: dict[str, str], seconds: float | None = None
    ) -> None:
        """Sessions begin with `settings`; a statement may take `seconds` on our side."""
        self._url = url
        self._most = most
        self._settings = settings
        self._seconds = seconds
        self._pool: asyncpg.Pool[Row] | None = None
        self._opening = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def borrowed(self) -> AsyncIterator[Connection]:
        """A connection, given back at the end. Raises OSError where there is none.

        Whoever is cancelled, timed out or leaves a transaction open costs it: it is closed
        behind their back, so that what it was doing and the locks of that end too.
        """
        pool = self._pool or await self._open()
        try:
            connection = await pool.acquire(timeout=WAIT_SECONDS)
        except DRIVER as error:
            raise NotLetIn from error
        try:
            yield connection
        except BaseException as error:
            is_cut = not isinstance(error, Exception) or isinstance(error, OSError | TimeoutError)
            if is_cut or connection.is_closed() or connection.is_in_transaction():
                self._leave(connection)
            else:
                await pool.release(connection)
            raise
        await pool.release(connection)

    async def run(self, statement: Statement, values: Mapping[str, object] | None = None) -> Result:
        """What one statement gives that is a transaction of its own."""
        async with self.borrowed() as connection:
            return await run(connection, statement, values)

    @asynccontextmanager
    async def transaction(self, first: str = "") -> AsyncIterator[Transaction]:
        """A transaction, committed at the end of the block and given up where that raises.

        `first` is a statement without values that goes out with its beginning.
        """
        async with self.borrowed() as connection:
            try:
                await connection.execute(f"BEGIN; {first}")
                yield Transaction(connection)
            except Exception:
                if not connection.is_closed():
                    await connection.execute("ROLLBACK")
                raise
            if await connection.execute("COMMIT") != "COMMIT":
                raise RuntimeError("a failed statement's transaction was to be committed")

    async def close(self) -> None:
        """Close all, and at once those that are still at work after a second."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), _CLOSE_SECONDS)
        pool.terminate()

    def _leave(self, connection: Connection) -> None:
        task = asyncio.create_task(_end(connection))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _open(self) -> asyncpg.Pool[Row]:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=0,
                    max_size=self._most,
                    max_queries=_FOR_EVER,
                    init=_read_json,
                    reset=_as_it_is,
                    record_class=Row,
                    timeout=CONNECT_SECONDS,
                    command_timeout=self._seconds,
                    statement_cache_size=_STATEMENTS,
                    server_settings=self._settings,
                )
        return self._pool


async def _end(connection: Connection) -> None:
    """Have the server end the statement, and close; at once where it does not answer."""
    try:
        await connection.close(timeout=_END_SECONDS)
    except Exception:
        _log.debug("a connection was cut off", exc_info=True)


async def _as_it_is(_connection: object) -> None:
    """Nothing of a session outlives its transaction, so there is nothing to set back."""


async def _read_json(connection: asyncpg.Connection[Row]) -> None:
    """JSON columns come as what they say; what is written is text of our own making."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=str, decoder=json.loads, format="text"
        )
