"""The group commit: who comes together is written together, in order, and nobody is left."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from services.capture.spool import Commit, Spool
from services.capture.spool.commit import CROWD, Item


class Told:
    """What was settled: the groups' first sequences and owners."""

    def __init__(self) -> None:
        self.groups: list[tuple[int, list[int]]] = []
        self.count = 0
        self.more = asyncio.Event()

    def settled(self, group: Sequence[Item], first: int, error: Exception | None) -> None:
        assert error is None
        self.groups.append((first, [item.owner for item in group]))
        self.count += len(group)
        self.more.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(30):
            while self.count < count:
                self.more.clear()
                await self.more.wait()


async def test_who_comes_in_one_turn_is_one_group(tmp_path: Path) -> None:
    told, spool = Told(), Spool(tmp_path)
    commit = Commit(spool, told.settled)
    for number in range(CROWD * 2):
        commit.submit(Item(b"%d" % number, number))
    await told.until(CROWD * 2)
    assert told.groups == [(1, list(range(CROWD * 2)))]
    await commit.close()


async def test_what_comes_while_a_group_is_written_keeps_its_order(tmp_path: Path) -> None:
    told, spool = Told(), Spool(tmp_path)
    commit = Commit(spool, told.settled)
    for number in range(200):
        commit.submit(Item(b"%d" % number, number))
        if number % 10 == 0:
            await asyncio.sleep(0.0005)
    await told.until(200)
    assert [owner for _first, owners in told.groups for owner in owners] == list(range(200))
    firsts = [first for first, _owners in told.groups]
    assert firsts == [owners[0] + 1 for _first, owners in told.groups]
    await commit.close()


async def test_what_is_queued_is_written_before_the_end(tmp_path: Path) -> None:
    told, spool = Told(), Spool(tmp_path)
    commit = Commit(spool, told.settled)
    for number in range(CROWD):
        commit.submit(Item(b"first", number))
    await told.until(CROWD)  # the next group is gathering now
    commit.submit(Item(b"last", CROWD))
    async with asyncio.timeout(30):
        await commit.close()
    assert told.count == CROWD + 1
    assert Spool(tmp_path).high == CROWD + 1
