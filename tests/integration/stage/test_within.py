"""Answers that are appended in the transaction of their slice, on a log in the same database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import pytest

from libs.common import topics
from libs.common.database import Database, Transaction
from libs.common.database.statements import text
from libs.common.errors import Retry
from libs.common.events import Event, encode
from libs.common.log import Log, Partition, Record, Stored, partition_of
from libs.common.log.postgres import Lease, PostgresLog, store
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from libs.common.stage.slice import Slices, Work, read
from tests.doubles.memory_log import MemoryLog
from tests.integration.stage.conftest import SCHEMA, Running, Tally, an_event

NAMES = (topics.ACTIVITY, topics.NOTIFIED, topics.dead(SCHEMA))


@dataclass
class Beside:
    """A stage's database with the log in it."""

    database: Database
    log: PostgresLog
    runtime: Runtime

    async def work(self, *events: Event) -> tuple[list[Work], dict[Partition, int]]:
        """These events as records that have been read, and where they end."""
        await self.log.append([encode(event) for event in events], 30)
        stored = await self.stored(topics.ACTIVITY)
        return await read(stored), {one.partition: one.offset + 1 for one in stored}

    async def stored(self, topic: str) -> list[Stored]:
        """All that a topic holds, lane by lane."""
        reader = await self.log.reader("looks", [topic])
        wanted = sum(len(span) for span in (await self.log.spans([topic])).values())
        found: list[Stored] = []
        try:
            async with asyncio.timeout(30):
                while len(found) < wanted:
                    found += [r for batch in await reader.fetch(500, 0.1) for r in batch.records]
        finally:
            await reader.close()
        return found

    async def scalar(self, query: str) -> int:
        async with self.database.transaction() as tx:
            return int(await tx.scalar(text(query)) or 0)

    def slices(self) -> Slices:
        return Slices(Tally(), self.database, self.log)


@pytest.fixture
async def beside(running: Running) -> AsyncIterator[Beside]:
    log = PostgresLog(running.database, "", Lease(3.0, 0.5))
    await log.create_topics(NAMES)
    yield Beside(running.database, log, replace(running.runtime, log=cast("Log", log)))
    await log.close()


async def test_rule_07_effects_and_answers_are_committed_together(beside: Beside) -> None:
    work, ends = await beside.work(*(an_event("seen", f"p{n}") for n in range(20)))
    for _ in range(2):  # the second time nothing is answered anew, and nothing is left to publish
        outcomes = await beside.slices().apply(work, ends)
        assert [(one.records, one.rows) for one in outcomes] == [([], [])]
    assert len(await beside.stored(topics.NOTIFIED)) == 20
    assert await beside.scalar("SELECT count(*) FROM public.tally WHERE count = 1") == 20
    kept = (
        f"SELECT count(*) FROM {SCHEMA}.journal WHERE answers IS NULL AND published_at IS NOT NULL"
    )
    assert await beside.scalar(kept) == 20


async def test_rule_07_a_slice_cut_off_after_it_has_appended_leaves_nothing(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, ends = await beside.work(*(an_event("seen", f"p{n}") for n in range(20)))
    real = store.append_within

    async def cut(tx: Transaction, rows: Sequence[store.Row]) -> None:
        await real(tx, rows)
        await tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with monkeypatch.context() as patch:
        patch.setattr(store, "append_within", cut)
        with pytest.raises(Retry):
            await beside.slices().apply(work, ends)
    assert await beside.stored(topics.NOTIFIED) == []
    assert await beside.scalar("SELECT count(*) FROM public.tally") == 0
    await beside.slices().apply(work, ends)
    assert len(await beside.stored(topics.NOTIFIED)) == 20


async def test_rule_07_where_its_log_cannot_take_the_answers_nothing_is_committed(
    beside: Beside,
) -> None:
    work, ends = await beside.work(an_event("seen", "p"))
    without_topics = PostgresLog(beside.database, "elsewhere.", Lease(3.0, 0.5))
    try:
        with pytest.raises(Retry):
            await Slices(Tally(), beside.database, without_topics).apply(work, ends)
    finally:
        await without_topics.close()
    assert await beside.scalar("SELECT count(*) FROM public.tally") == 0
    assert await beside.scalar(f"SELECT count(*) FROM {SCHEMA}.journal") == 0


async def test_rule_07_rows_that_keep_their_answers_are_still_published(beside: Beside) -> None:
    """Of the build before, or from a time with another log: here it is all that there is."""
    known, fresh = an_event("seen", "p"), an_event("seen", "p")
    work, ends = await beside.work(known, fresh)
    (before,) = await Slices(Tally(), beside.database).apply(work[:1], ends)
    (after,) = await beside.slices().apply(work, ends)
    assert (after.records, after.rows) == ([], before.rows)
    answers = [dict(one.headers)["ce_id"] for one in await beside.stored(topics.NOTIFIED)]
    assert answers == [an_event("answer", "p", one.id).id.encode() for one in (known, fresh)]


async def test_rule_07_an_input_and_what_it_leads_to_are_one(beside: Beside) -> None:
    inputs, cause = Inputs(SCHEMA, beside.runtime), "6b0f1d0e-0000-4000-8000-000000000001"

    async def work(_tx: object) -> list[Event | Record]:
        return [an_event("answer", "p", cause)]

    assert await inputs.take(cause, work)
    assert not await inputs.take(cause, work)
    assert await inputs.publish_left_over(older_than=0) == 0
    assert len(await beside.stored(topics.NOTIFIED)) == 1


async def test_rule_07_work_that_knows_its_repeats_is_not_noted_beside_its_log(
    beside: Beside,
) -> None:
    causes: list[str] = ["6b0f1d0e-0000-4000-8000-000000000003"]
    worked: list[str] = []

    async def work(_tx: object, asked: Sequence[str]) -> dict[str, list[Event | Record]]:
        worked.extend(asked)
        return {cause: [an_event("answer", "p", cause)] for cause in asked}

    inputs = Inputs(SCHEMA, beside.runtime)
    for _ in range(2):
        assert await inputs.take_together(causes, work, knows_repeats=True) == set(causes)
    assert worked == causes * 2
    assert len(await beside.stored(topics.NOTIFIED)) == 2
    assert await beside.scalar(f"SELECT count(*) FROM {SCHEMA}.journal") == 0
    elsewhere = Inputs(SCHEMA, replace(beside.runtime, log=cast("Log", MemoryLog())))
    assert await elsewhere.take_together(causes, work, knows_repeats=True)
    assert not await elsewhere.take_together(causes, work, knows_repeats=True)
    assert worked == causes * 3


async def test_rule_07_another_database_s_log_is_published_to_after_the_commit(
    beside: Beside,
) -> None:
    work, ends = await beside.work(an_event("seen", "p"))
    elsewhere = PostgresLog(Database("postgresql://nobody@127.0.0.1:1/elsewhere"))
    (outcome,) = await Slices(Tally(), beside.database, elsewhere).apply(work, ends)
    assert len(outcome.records) == len(outcome.rows) == 1


async def test_rule_21_an_append_waits_for_the_transaction_that_was_there_first(
    beside: Beside,
) -> None:
    first, second = (Record(topics.NOTIFIED, "p", value) for value in (b"first", b"second"))
    async with beside.database.transaction() as tx:
        told = await beside.log.append_within(tx, [first])
        later = asyncio.create_task(beside.log.append([second], 5))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(later), 0.2)
        assert not later.done()
        spans = await beside.log.spans([topics.NOTIFIED])
        assert not any(len(span) for span in spans.values())
    told()
    await later
    stored = await beside.stored(topics.NOTIFIED)
    assert [(one.offset, one.value) for one in stored] == [(0, b"first"), (1, b"second")]


async def test_rule_21_who_stands_still_with_lanes_in_hand_is_given_up(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "STILL_SECONDS", 0.2)

    async def stand_still() -> None:
        async with beside.database.transaction() as tx:
            await beside.log.append_within(tx, [Record(topics.NOTIFIED, "p", b"never")])
            await beside.log.append([Record(topics.NOTIFIED, "p", b"mine")], 30)

    with pytest.raises(Retry):
        await stand_still()
    stored = await beside.stored(topics.NOTIFIED)
    assert [(one.offset, one.value) for one in stored] == [(0, b"mine")]
    assert stored[0].partition.number == partition_of("p", topics.PARTITIONS)


async def test_a_reader_is_woken_by_what_a_transaction_has_appended(beside: Beside) -> None:
    reader = await beside.log.reader("waits", [topics.NOTIFIED])
    try:
        await reader.fetch(10, 0.1)
        waiting = asyncio.create_task(reader.fetch(10, 0.8))
        work, ends = await beside.work(an_event("seen", "p"))
        began = asyncio.get_running_loop().time()
        await beside.slices().apply(work, ends)
        assert len(await waiting) == 1
        assert asyncio.get_running_loop().time() - began < 0.7  # the poll is a second's
    finally:
        await reader.close()
