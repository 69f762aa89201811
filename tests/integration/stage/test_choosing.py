"""A stage that concerns itself with few records: the others cost no transaction of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from typing_extensions import override

from libs.common import topics
from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.events import Event
from libs.common.log import Partition, Record, Stored, partition_of
from libs.common.stage.contract import Answer
from tests.integration.stage.conftest import SCHEMA, Running, Tally, an_event


@dataclass
class Choosy(Tally):
    """Wants what is told of as `wanted`."""

    def wants(self, stored: Stored) -> bool:
        return b'"wanted"' in stored.value


def _committed(running: Running, count: int) -> bool:
    return sum(running.log.committed.values()) == count


async def _journalled(running: Running) -> int:
    async with running.database.transaction() as tx:
        rows = await tx.execute(text(f"SELECT count(*) FROM {SCHEMA}.journal"))
        return int(rows.scalar_one())


async def _position(running: Running, key: str) -> int:
    lane = Partition(topics.ACTIVITY, partition_of(key, running.log.partitions))
    async with running.database.transaction() as tx:
        rows = await tx.execute(
            text(f"SELECT next FROM {SCHEMA}.positions WHERE topic = :t AND part = :p"),
            {"t": lane.topic, "p": lane.number},
        )
        return int(rows.scalar() or 0)


async def test_what_is_not_wanted_is_neither_journalled_nor_dead_lettered(running: Running) -> None:
    stage = Choosy()
    broken = Record(topics.ACTIVITY, "p", b"no event at all")
    await running.log.append([broken], 1)
    await running.send(*(an_event("seen", "p") for _ in range(5)), an_event("wanted", "p"))
    running.start(stage)
    await running.until(lambda: len(running.answers()) == 1)
    await running.until(lambda: sum(running.log.committed.values()) == 7)
    assert stage.batches == [1]
    assert await _journalled(running) == 1
    assert not running.log.records(topics.dead(SCHEMA))


async def test_a_stage_with_nothing_to_do_goes_on_and_the_database_knows_it(
    running: Running,
) -> None:
    stage = Choosy()
    await running.send(*(an_event("seen", "p") for _ in range(5)))
    running.start(stage)
    await running.until(lambda: sum(running.log.committed.values()) == 5)
    await running.stop()
    assert stage.batches == []
    assert await _position(running, "p") == 5


async def test_what_was_passed_over_never_moves_a_partition_back(running: Running) -> None:
    stage = Choosy()
    running.start(stage)
    for count in range(1, 7):
        await running.send(an_event("wanted" if count % 2 == 0 else "seen", "p"))
        await running.until(partial(_committed, running, count))
        assert count % 2 or await _position(running, "p") == count
    await running.stop()
    assert await _position(running, "p") == 6


@dataclass
class Calm(Tally):
    """Answers nothing, and takes an event as often as it comes."""

    takes_repeats: Literal[True] = True

    @override
    async def handle(self, tx: Transaction, batch: Sequence[Event]) -> list[Answer]:
        await super().handle(tx, batch)
        return [Answer() for _ in batch]


async def test_a_stage_that_takes_repeats_journals_only_what_died(running: Running) -> None:
    stage = Calm()
    await running.log.append([Record(topics.ACTIVITY, "p", b"no event at all")], 1)
    await running.send(*(an_event("seen", "p") for _ in range(5)))
    running.start(stage)
    await running.until(lambda: sum(running.log.committed.values()) == 6)
    assert sum(stage.batches) == 5
    assert await _journalled(running) == 1
    assert len(running.log.records(topics.dead(SCHEMA))) == 1
