"""A transaction: statements with named values, and savepoints."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from libs.common.database.connection import Connection, run
from libs.common.database.rows import Result
from libs.common.database.statements import Statement


class Savepoint:
    """Where a transaction can go back to."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    async def keep(self) -> None:
        """Forget the way back."""
        await self._connection.execute(f"RELEASE SAVEPOINT {self._name}")

    async def undo(self) -> None:
        """Undo what was done since, locks included."""
        await self._connection.execute(f"ROLLBACK TO SAVEPOINT {self._name}")
        await self.keep()


class Transaction:
    """One that is open; begun and ended by its pool."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._savepoints = 0

    async def execute(
        self,
        statement: Statement,
        values: Mapping[str, object] | None = None,
        *,
        seconds: float | None = None,
    ) -> Result:
        """Run a statement. Raises asyncpg.PostgresError, and BadValue without quoting it.

        One that may take longer than others has `seconds`, and a statement_timeout of its own.
        """
        return await run(self._connection, statement, values, seconds)

    async def scalars(
        self, statement: Statement, values: Mapping[str, object] | None = None
    ) -> list[Any]:
        """The first column of what a statement gives."""
        return (await self.execute(statement, values)).scalars()

    async def scalar(self, statement: Statement, values: Mapping[str, object] | None = None) -> Any:
        """The first column of the first row, None where there is none."""
        return (await self.execute(statement, values)).scalar()

    async def savepoint(self) -> Savepoint:
        """Remember this place."""
        self._savepoints += 1
        name = f"place_{self._savepoints}"
        await self._connection.execute(f"SAVEPOINT {name}")
        return Savepoint(self._connection, name)

    @asynccontextmanager
    async def nested(self) -> AsyncIterator[None]:
        """What fails inside is undone, and the transaction goes on."""
        place = await self.savepoint()
        try:
            yield
        except Exception:
            await place.undo()
            raise
        await place.keep()
