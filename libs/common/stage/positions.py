"""Where a stage begins in a partition: at the smaller of the log's position and its own (rule 6).

A database restored from a backup is behind the log, and its work is to be done again.
"""

from __future__ import annotations

from collections.abc import Sequence

from libs.common.database import Database
from libs.common.log import Batch, Held, Log, Reader
from libs.common.stage.journal import Journal


class Positions:
    """The partitions of one membership that have been begun."""

    def __init__(
        self, journal: Journal, database: Database, log: Log, topics: Sequence[str]
    ) -> None:
        self._journal = journal
        self._database = database
        self._log = log
        self._topics = topics
        self._begun: set[Held] = set()

    async def begin(self, reader: Reader, batches: Sequence[Batch]) -> list[Batch]:
        """Go back where that must be; the batches of those partitions that are where they should.

        Raises Retry, LogUnavailable.
        """
        if not batches:
            await self._begin_quiet(reader)
            return []
        fresh = [batch for batch in batches if batch.held not in self._begun]
        if not fresh:
            return list(batches)
        async with self._database.transaction() as tx:
            ours = await self._journal.positions(tx)
        behind = set()
        for batch in fresh:
            position = ours.get(batch.held.partition, 0)
            if position < batch.records[0].offset:
                await reader.seek(batch.held, position)
                behind.add(batch.held)
            self._begun.add(batch.held)
        return [batch for batch in batches if batch.held not in behind]

    async def _begin_quiet(self, reader: Reader) -> None:
        """The same for partitions of which nothing comes: all that they hold may be to do again."""
        quiet = [held for held in reader.assigned() if held not in self._begun]
        if not quiet:
            return
        spans = await self._log.spans(self._topics)
        lags = await reader.lag()  # after the spans: who has no lag has read all that those hold
        async with self._database.transaction() as tx:
            ours = await self._journal.positions(tx)
        for held in quiet:
            span = spans.get(held.partition)
            if span is None or lags.get(held.partition, 1):
                continue  # something comes after all, and is looked at then
            position = max(span.start, ours.get(held.partition, 0))
            if position < span.stop:
                await reader.seek(held, position)
            self._begun.add(held)

    def keep(self, held: Sequence[Held]) -> None:
        """Forget those that are not held any more."""
        self._begun.intersection_update(held)

    def clear(self) -> None:
        """Forget all: the membership is over."""
        self._begun.clear()
