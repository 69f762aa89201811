"""Writers under way, members that come and go: nothing is skipped, nothing lost, in both logs."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Sequence

from libs.common import topics
from libs.common.log import Log, Partition, Record, Stored, partition_of
from tests.contract.conftest import Logs

WRITERS = 3
BATCHES = 30
EACH = 7
TOTAL = WRITERS * BATCHES * EACH


async def write(log: Log, writer: int, chance: random.Random) -> None:
    for batch in range(BATCHES):
        await log.append(
            [
                Record("first", f"key-{chance.randrange(30)}", f"{writer}:{batch}:{n}".encode())
                for n in range(EACH)
            ],
            20,
        )
        await asyncio.sleep(chance.random() * 0.05)


class Group:
    """What all members of a group did together."""

    def __init__(self) -> None:
        self.applied: dict[Partition, list[Stored]] = defaultdict(list)

    async def be_member(self, log: Log, chance: random.Random, done: asyncio.Event) -> None:
        """Join, work a while, leave, join again: until all is done."""
        while not done.is_set():
            reader = await log.reader("group", ["first"])
            until = time.monotonic() + 1 + 2 * chance.random()
            while time.monotonic() < until and not done.is_set():
                for held, batch in await reader.fetch(chance.randrange(1, 40), 0.2):
                    self.applied[held.partition].extend(batch)
                    await asyncio.sleep(chance.random() * 0.01)
                    if await reader.commit(held, batch[-1].offset + 1):
                        self._check(held.partition, batch[-1].offset + 1)
                    elif reader.is_held(held):
                        await reader.seek(held, batch[0].offset)
            await reader.close()

    def _check(self, partition: Partition, offset: int) -> None:
        """All that lies before a committed offset was seen by somebody."""
        seen = {record.offset for record in self.applied[partition]}
        assert set(range(offset)) <= seen, f"skipped {set(range(offset)) - seen} of {partition}"


async def finish(log: Log, writing: Sequence[asyncio.Task[None]], done: asyncio.Event) -> None:
    """All is done when the log says so: a commit cut off by a rebalance may have counted."""
    await asyncio.wait(writing)
    while sum((await log.lags("group", ["first"])).values()):  # noqa: ASYNC110 - a log tells nobody
        await asyncio.sleep(0.2)
    done.set()


async def test_nothing_is_skipped_while_members_come_and_go(logs: Logs) -> None:
    seed = time.time_ns() % 2**32
    print(f"seed {seed}")  # noqa: T201  shown when it fails
    chance = random.Random(seed)  # noqa: S311  only chance, repeatable
    group, done = Group(), asyncio.Event()
    async with asyncio.timeout(600), asyncio.TaskGroup() as tasks:
        writing = [
            tasks.create_task(write(logs.open(), writer, chance)) for writer in range(WRITERS)
        ]
        tasks.create_task(finish(logs.open(), writing, done))
        for _ in range(3):
            tasks.create_task(group.be_member(logs.open(), chance, done))

    values = {record.value for records in group.applied.values() for record in records}
    assert len(values) == TOTAL
    for partition, records in group.applied.items():
        for record in records:
            assert partition.number == partition_of(record.key, topics.PARTITIONS)
        by_offset = {record.offset: record.value for record in records}
        in_order = [by_offset[offset].split(b":") for offset in sorted(by_offset)]
        for writer in range(WRITERS):
            own = [(int(b), int(n)) for w, b, n in in_order if int(w) == writer]
            assert own == sorted(own), "a writer's records changed places"
    assert sum((await logs.open().lags("group", ["first"])).values()) == 0
