"""A Postgres: its pool, and transactions whose failures are told apart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from libs.common.database.pool import DRIVER, Pool
from libs.common.database.transaction import Transaction
from libs.common.errors import Retry, TooSlow

_AWAY: Final = ("08", "25P03", "40001", "40P01", "53", "55006", "55P03", "57014", "57P")
"""SQLSTATE prefixes that mean "not now": connection, serialisation, deadlock, out of
resources, locked or too slow by somebody else's doing, shutting down (delivery rule 9)."""

_CANCELED: Final = "57014"
_MORE: Final = 4
"""Connections beyond the usual ones, for a moment of haste."""
_STATEMENT_SECONDS: Final = 30.0


class Database:
    """One pool to one Postgres. Connects when first used, so it can be made while it is away."""

    def __init__(self, url: str, *, pool: int = 8) -> None:
        self.url = url.replace("postgres://", "postgresql://", 1).replace(
            "postgresql+asyncpg://", "postgresql://", 1
        )
        self._pool = Pool(
            self.url,
            pool + _MORE,
            {
                "application_name": "sarnakh",
                "default_transaction_isolation": "read committed",
                "lock_timeout": "5000",
                "statement_timeout": "20000",
                "idle_in_transaction_session_timeout": "60000",
            },
            _STATEMENT_SECONDS,
        )

    @asynccontextmanager
    async def transaction(self, first: str = "") -> AsyncIterator[Transaction]:
        """A transaction, committed at the end of the block.

        `first` is a statement without values, for the price of none.

        Raises Retry("postgres") for whatever is the database's state and not the statement's,
        as TooSlow where that cannot be told.
        """
        try:
            async with self._pool.transaction(first) as tx:
                yield tx
        except (OSError, TimeoutError) as error:
            raise Retry("postgres") from error
        except DRIVER as error:
            if getattr(error, "sqlstate", None) == _CANCELED:
                raise TooSlow("postgres") from error
            if is_away(error):
                raise Retry("postgres") from error
            raise

    async def close(self) -> None:
        """Close the pool."""
        await self._pool.close()


def is_away(error: Exception) -> bool:
    """Whether the database, and not the statement, is to blame for what the driver raised."""
    if not isinstance(error, asyncpg.PostgresError):
        return True
    # what a migration made of a table while its statement lay prepared is read anew
    is_stale = isinstance(error, asyncpg.InvalidCachedStatementError)
    return is_stale or is_away_by(error.sqlstate)


def is_away_by(sqlstate: object) -> bool:
    """The same by the server's own word, None where it said nothing."""
    return bool(sqlstate) and str(sqlstate).startswith(_AWAY)
