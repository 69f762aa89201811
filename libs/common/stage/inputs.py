"""Inputs that no log redelivers (a settled message, a click of staff, a due timer).

They are journalled like a log's events: effects and answers in one transaction, published
after it; if we die in between, any member publishes the unpublished rows later (rule 7).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database import Database
from libs.common.errors import Retry
from libs.common.events import Event, derived_id, encode
from libs.common.failpoints import fail_point
from libs.common.log import Log, LogUnavailable, Record, check_sizes
from libs.common.runtime import Runtime
from libs.common.stage import timers
from libs.common.stage.journal import Entry, Journal

PUBLISH_SECONDS: Final = 10.0
LEASE_SECONDS: Final = 10.0
"""How long the one who wrote a row has to publish it before others do."""

Work = Callable[[AsyncConnection], Awaitable[Sequence[Event | Record]]]


class Inputs:
    """Takes inputs on behalf of one schema."""

    def __init__(self, schema: str, runtime: Runtime) -> None:
        self._journal = Journal(schema)
        self._schema = schema
        self._database: Database = runtime.database
        self._log: Log = runtime.log

    async def take(self, cause: str, work: Work) -> bool:
        """Apply `work` and publish what it returns; False if this cause was taken before.

        The row has an id of its own: the answer may carry the cause's id and come back to this
        very schema as an event, which must not look answered already. Raises Retry("postgres")
        with nothing done. Once the transaction is committed the answers are safe, so a log that
        is away does not fail the call.
        """
        row = derived_id("input", cause)
        async with self._database.transaction() as tx:
            if await self._journal.taken(tx, row):
                return False
            answers = tuple(a if isinstance(a, Record) else encode(a) for a in await work(tx))
            check_sizes(answers)
            entry = Entry(row, datetime.now(UTC).date(), "done", 0, answers)
            await self._journal.write(tx, [entry])
        fail_point(f"{self._schema}.input.taken")
        await self._publish([entry])
        return True

    async def take_due_timers(self) -> int:
        """Publish the events of the timers that are due; how many there were."""
        async with self._database.transaction() as tx:
            entries = await timers.claim_due(tx, self._schema)
            await self._journal.write(tx, entries)
        await self._publish(entries)
        return len(entries)

    async def publish_left_over(self, older_than: float = LEASE_SECONDS) -> int:
        """Publish what somebody wrote and did not see acknowledged; how many rows."""
        async with self._database.transaction() as tx:
            entries = await self._journal.unpublished(tx, older_than)
        await self._publish(entries)
        return len(entries)

    async def _publish(self, entries: Sequence[Entry]) -> None:
        answered = [entry for entry in entries if entry.answers]
        if not answered:
            return
        try:
            await self._log.append(
                [record for entry in answered for record in entry.answers], PUBLISH_SECONDS
            )
            async with self._database.transaction() as tx:
                await self._journal.published(tx, [(e.event_id, e.day) for e in answered])
        except (LogUnavailable, Retry):
            return  # the rows stay unpublished, and the next sweep takes them
