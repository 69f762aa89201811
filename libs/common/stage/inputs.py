"""Inputs that no log redelivers (a settled message, a click of staff, a due timer).

They are journalled like a log's events: effects and answers in one transaction, published
after it; if we die in between, any member publishes the unpublished rows later (rule 7).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from libs.common.database import Database, Transaction
from libs.common.errors import Retry
from libs.common.events import Event, derived_id, encode
from libs.common.failpoints import fail_point
from libs.common.log import Log, LogUnavailable, Record, check_sizes
from libs.common.runtime import Runtime
from libs.common.stage import timers
from libs.common.stage.journal import Entry, Journal
from libs.common.stage.within import Within

PUBLISH_SECONDS: Final = 10.0
LEASE_SECONDS: Final = 10.0
"""How long the one who wrote a row has to publish it before others do."""

Answers = Sequence[Event | Record]
Work = Callable[[Transaction], Awaitable[Answers]]
WorkTogether = Callable[[Transaction, Sequence[str]], Awaitable[Mapping[str, Answers]]]
"""Given those causes that were not taken before; what each of them is answered with."""


class Inputs:
    """Takes inputs on behalf of one schema."""

    def __init__(self, schema: str, runtime: Runtime) -> None:
        self._journal = Journal(schema)
        self._schema = schema
        self._database: Database = runtime.database
        self._log: Log = runtime.log
        self._within = Within(runtime.log, runtime.database)

    async def take(self, cause: str, work: Work) -> bool:
        """Apply `work` and publish what it returns; False if this cause was taken before.

        Raises Retry("postgres") with nothing done. Once the transaction is committed the answers
        are safe, so a log that is away does not fail the call.
        """

        async def alone(tx: Transaction, _fresh: Sequence[str]) -> Mapping[str, Answers]:
            return {cause: await work(tx)}

        return bool(await self.take_together([cause], alone))

    async def take_together(
        self, causes: Sequence[str], work: WorkTogether, *, knows_repeats: bool = False
    ) -> set[str]:
        """The same for several in one transaction; those that were not taken before.

        Work that `knows_repeats` by its own rows, and answers them with nothing, needs no journal
        on a log that is appended to in its transaction; all its causes count as taken then.

        A row has an id of its own: the answer may carry the cause's id and come back to this
        very schema as an event, which must not look answered already.
        """
        if knows_repeats and self._within:
            return await self._take_unnoted(causes, work)
        rows = {derived_id("input", cause): cause for cause in causes}
        today = datetime.now(UTC).date()
        entries: list[Entry] = []
        async with self._database.transaction() as tx:
            known = await self._journal.taken(tx, list(rows))
            fresh = {row: cause for row, cause in rows.items() if row not in known}
            if not fresh:
                return set()
            answers = await work(tx, list(fresh.values()))
            for row, cause in fresh.items():
                records = _records(answers.get(cause, ()))
                entries.append(Entry(row, today, "done", 0, records))
            told = await self._keep(tx, entries)
        fail_point(f"{self._schema}.input.taken")
        await told()
        return set(fresh.values())

    async def _take_unnoted(self, causes: Sequence[str], work: WorkTogether) -> set[str]:
        async with self._database.transaction() as tx:
            answers = await work(tx, causes)
            records = [record for cause in causes for record in _records(answers.get(cause, ()))]
            tell = await self._within.append(tx, records)
        fail_point(f"{self._schema}.input.taken")
        tell()
        return set(causes)

    async def take_due_timers(self) -> int:
        """Publish the events of the timers that are due; how many there were."""
        async with self._database.transaction() as tx:
            entries = await timers.claim_due(tx, self._schema)
            told = await self._keep(tx, entries)
        await told()
        return len(entries)

    async def publish_left_over(self, older_than: float = LEASE_SECONDS) -> int:
        """Publish what somebody wrote and did not see acknowledged; how many rows."""
        async with self._database.transaction() as tx:
            entries = await self._journal.unpublished(tx, older_than)
        await self._publish(entries)
        return len(entries)

    async def _keep(
        self, tx: Transaction, entries: Sequence[Entry]
    ) -> Callable[[], Awaitable[None]]:
        """Write the rows as the transaction's end; gives what is to be done after the commit."""
        await self._journal.write(tx, entries, are_appended=bool(self._within))
        if not self._within:
            return partial(self._publish, entries)
        records = [record for entry in entries for record in entry.answers]
        tell = await self._within.append(tx, records)

        async def told() -> None:
            tell()

        return told

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


def _records(answers: Answers) -> tuple[Record, ...]:
    """What is to be appended. Raises RecordTooLarge."""
    records = tuple(a if isinstance(a, Record) else encode(a) for a in answers)
    check_sizes(records)
    return records
