"""Answers that go into the log in the transaction that has made them.

A log that is kept in the stage's own database has them with the effects or not at all. Then the
journal need not keep them until they are acknowledged, and the next stage hears of them one
commit sooner. On any other log they are published after the commit (delivery rule 7).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from libs.common.database import Database, Transaction
from libs.common.errors import Retry
from libs.common.log import InDatabase, Log, LogUnavailable, Record


class Within:
    """One log, as the transactions of one database see it."""

    def __init__(self, log: Log | None, database: Database) -> None:
        self._log = log if isinstance(log, InDatabase) and log.is_in(database) else None

    def __bool__(self) -> bool:
        """Whether what is answered is appended within its transaction."""
        return self._log is not None

    async def append(self, tx: Transaction, records: Sequence[Record]) -> Callable[[], None]:
        """Append as the last statement; gives what to call after the commit. Raises Retry."""
        if self._log is None or not records:
            return _nobody
        try:
            return await self._log.append_within(tx, records)
        except LogUnavailable as error:
            raise Retry("the log") from error


def _nobody() -> None:
    """Nobody waits for what has not been appended."""
