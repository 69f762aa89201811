"""The connection pool, and transactions whose failures are told apart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from libs.common.errors import Retry, TooSlow

_AWAY = ("08", "25P03", "40001", "40P01", "53", "55006", "55P03", "57014", "57P")
"""SQLSTATE prefixes that mean "not now": connection, serialisation, deadlock, out of
resources, locked or too slow by somebody else's doing, shutting down (delivery rule 9)."""

_CANCELED = "57014"


class Database:
    """One pool to one Postgres. Connects when first used, so it can be made while it is away."""

    def __init__(self, url: str, *, pool: int = 8) -> None:
        self.url = url.replace("postgres://", "postgresql://", 1).replace(
            "postgresql://", "postgresql+asyncpg://", 1
        )
        self.engine: AsyncEngine = create_async_engine(
            self.url,
            pool_size=pool,
            max_overflow=4,
            pool_timeout=10,
            pool_use_lifo=True,
            isolation_level="READ COMMITTED",
            hide_parameters=True,  # what a failed statement said may be contact data
            connect_args={
                "timeout": 5,
                "command_timeout": 30,
                "server_settings": {
                    "application_name": "sarnakh",
                    "lock_timeout": "5000",
                    "statement_timeout": "20000",
                    "idle_in_transaction_session_timeout": "60000",
                },
            },
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end of the block.

        Raises Retry("postgres") for whatever is the database's state and not the statement's,
        as TooSlow where that cannot be told.
        """
        is_in = False
        try:
            async with self.engine.begin() as connection:
                is_in = True
                yield connection
        except (OSError, TimeoutError, exc.TimeoutError) as error:
            raise Retry("postgres") from error
        except exc.DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == _CANCELED:
                raise TooSlow("postgres") from error
            if not is_in or is_away(error):  # who is not let in has said nothing yet
                raise Retry("postgres") from error
            raise

    async def close(self) -> None:
        """Close the pool."""
        await self.engine.dispose()


def is_away(error: exc.DBAPIError) -> bool:
    """Whether the database, and not the statement, is to blame."""
    if error.connection_invalidated or isinstance(error, exc.InterfaceError):
        return True
    return is_away_by(getattr(error.orig, "sqlstate", None))


def is_away_by(sqlstate: object) -> bool:
    """The same by the server's own word, None where it said nothing."""
    return bool(sqlstate) and str(sqlstate).startswith(_AWAY)
