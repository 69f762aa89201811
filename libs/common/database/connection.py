"""One statement on one connection of the driver's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import asyncpg

from libs.common.database.rows import Result, Row
from libs.common.database.statements import Statement

if TYPE_CHECKING:
    Connection = asyncpg.pool.PoolConnectionProxy[Row]
else:
    Connection = asyncpg.pool.PoolConnectionProxy


class BadValue(Exception):
    """A value that the driver cannot send for what the statement takes: a bug of ours.

    The driver's own words quote it, and it may be contact data.
    """


async def run(
    connection: Connection,
    statement: Statement,
    values: Mapping[str, object] | None,
    seconds: float | None = None,
) -> Result:
    """What the statement gives, within `seconds` or the pool's own limit.

    Raises asyncpg.PostgresError, and BadValue.
    """
    given = [values[name] for name in statement.names] if values else ()
    try:
        return Result(await connection.fetch(statement.sql, *given, timeout=seconds))
    except asyncpg.DataError as error:
        if error.severity is not None:  # the server's own word
            raise
        raise BadValue(statement.sql) from None
