"""A worker's turns: when the next one comes, and what becomes of what is under way at the end."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.errors import Retry
from services.capture.workers import turns as module
from services.capture.workers.turns import Turns, written

PLACE = ("meta", "ads")


class Worker:
    """Counts its turns; the work it begins lasts until it is let go."""

    def __init__(self, finishing: float = 0.0, every: float = 60.0) -> None:
        self.stop, self.again, self.let_go = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.turns = Turns("worker", self.stop, self.again)
        self.turned = asyncio.Condition()
        self.count, self.ended = 0, 0
        self.is_away = False
        self.loop = asyncio.create_task(self.turns.run(self.turn, every, finishing))

    async def turn(self) -> None:
        async with self.turned:
            self.count += 1
            self.turned.notify_all()
        if self.is_away:
            raise Retry("postgres")

    async def work(self) -> None:
        await self.let_go.wait()
        self.ended += 1

    async def see(self, turns: int) -> None:
        async with asyncio.timeout(30), self.turned:
            await self.turned.wait_for(lambda: self.count >= turns)

    async def end(self) -> None:
        self.stop.set()
        await asyncio.wait_for(self.loop, 30)


async def settled_down() -> None:
    """Let everything run that can run now."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_turn_follows_what_is_new_and_what_has_ended() -> None:
    worker = Worker()
    await worker.see(1)
    worker.again.set()
    await worker.see(2)
    worker.turns.start(PLACE, worker.work())
    assert worker.turns.under_way(PLACE) == 1
    worker.let_go.set()
    await worker.see(3)
    assert (worker.turns.under_way(PLACE), worker.ended) == (0, 1)
    await settled_down()
    assert worker.count == 3, "and none follows from nothing"
    await worker.end()


async def test_a_turn_follows_in_time_also_while_the_database_is_away() -> None:
    worker = Worker(every=0.001)
    worker.is_away = True
    await worker.see(3)
    await worker.end()


async def test_what_is_under_way_at_the_end_is_finished_where_it_may_be() -> None:
    cut, kept = Worker(), Worker(finishing=5)
    for worker in (cut, kept):
        await worker.see(1)
        worker.turns.start(PLACE, worker.work())
    await cut.end()
    kept.stop.set()
    await settled_down()
    kept.let_go.set()
    await asyncio.wait_for(kept.loop, 30)
    assert (cut.ended, kept.ended) == (0, 1)


async def test_who_is_cut_off_while_finishing_leaves_nothing_under_way_behind() -> None:
    worker = Worker(finishing=60)
    await worker.see(1)
    worker.turns.start(PLACE, worker.work())
    worker.stop.set()
    await settled_down()
    worker.loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(worker.loop, 30)
    assert worker.turns.under_way(PLACE) == 0
    worker.let_go.set()
    await settled_down()
    assert worker.ended == 0


async def test_work_that_fails_ends_nobody_s_turns() -> None:
    worker = Worker()
    await worker.see(1)

    async def fails() -> None:
        raise ValueError

    worker.turns.start(PLACE, fails())
    await worker.see(2)
    assert worker.turns.under_way(PLACE) == 0
    await worker.end()


async def test_a_result_is_held_while_the_database_is_away_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.001)
    tries = 0

    async def settle() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise Retry("postgres")

    assert await written(settle)
    assert tries == 3
    monkeypatch.setattr(module, "SETTLE_SECONDS", 0.0)
    tries = -1000
    assert not await written(settle)
