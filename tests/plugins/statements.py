"""Which statements run in transactions of this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from unittest import mock

from libs.common.database import transaction
from libs.common.database.connection import Connection, run
from libs.common.database.rows import Result
from libs.common.database.statements import Statement


@contextmanager
def noted() -> Iterator[list[str]]:
    """Each statement's text, in order, for as long as this lasts."""
    seen: list[str] = []

    async def keep(
        connection: Connection,
        statement: Statement,
        values: Mapping[str, object] | None,
        seconds: float | None,
    ) -> Result:
        seen.append(statement.sql)
        return await run(connection, statement, values, seconds)

    with mock.patch.object(transaction, "run", keep):
        yield seen
