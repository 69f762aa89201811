"""What no log brings again, by the delivery rules 7 and 18: requests of our own, and timers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from libs.common import topics
from libs.common.events import Event
from libs.common.log import Record
from libs.common.stage import timers
from libs.common.stage.inputs import Inputs
from tests.doubles.memory_log import MemoryLog
from tests.integration.stage.conftest import SCHEMA, Running, Tally, an_event


async def test_rule_07_an_input_of_our_own_is_taken_once_and_left_over_answers_go_out(
    running: Running,
) -> None:
    inputs, cause = Inputs(SCHEMA, running.runtime), "6b0f1d0e-0000-4000-8000-000000000001"

    async def work(_tx: object) -> list[Event]:
        return [an_event("answer", "p", cause)]

    running.log.away = True
    assert await inputs.take(cause, work)
    assert not await inputs.take(cause, work)
    for _ in range(2):  # a sweep that the log does not answer leaves them for the next
        assert await inputs.publish_left_over(older_than=0) == 1
    assert running.answers() == []
    running.log.away = False
    assert await inputs.publish_left_over(older_than=0) == 1
    assert len(running.answers()) == 1
    assert await inputs.publish_left_over(older_than=0) == 0


async def test_rule_07_an_input_taken_by_two_at_once_is_applied_once(running: Running) -> None:
    inputs, cause = Inputs(SCHEMA, running.runtime), "6b0f1d0e-0000-4000-8000-000000000002"

    async def work(_tx: object) -> list[Event | Record]:
        await asyncio.sleep(0.05)
        return [an_event("answer", "p", cause)]

    taken = await asyncio.gather(*(inputs.take(cause, work) for _ in range(5)))
    assert sorted(taken) == [False] * 4 + [True]
    assert len(running.answers()) == 1


async def test_rule_07_an_input_and_a_due_timer_are_committed_before_they_are_published(
    running: Running,
) -> None:
    seen: list[int] = []

    class Watched(MemoryLog):
        async def append(self, records: Sequence[Record], deadline: float) -> None:
            seen.append(await running.scalar(f"SELECT count(*) FROM {SCHEMA}.journal"))
            await super().append(records, deadline)

    async def work(_tx: object) -> list[Event]:
        return [an_event("answer", "p", "input")]

    inputs = Inputs(SCHEMA, replace(running.runtime, log=Watched()))
    assert await inputs.take("6b0f1d0e-0000-4000-8000-000000000004", work)
    due = an_event("answer", "p", "due")
    async with running.database.transaction() as tx:
        await timers.plan(tx, SCHEMA, due.id, datetime.now(UTC) - timedelta(seconds=1), due)
    assert await inputs.take_due_timers() == 1
    assert seen == [1, 2]


async def test_rule_18_a_due_timer_publishes_its_event_once(running: Running) -> None:
    now = datetime.now(UTC)
    async with running.database.transaction() as tx:
        due = an_event("answer", "p", "due")
        late = an_event("answer", "p", "late")
        gone = an_event("answer", "p", "gone")
        await timers.plan(tx, SCHEMA, due.id, now - timedelta(seconds=1), due)
        await timers.plan(tx, SCHEMA, late.id, now + timedelta(hours=1), late)
        await timers.plan(tx, SCHEMA, gone.id, now - timedelta(seconds=1), gone)
        await timers.cancel(tx, SCHEMA, gone.id)
    inputs = Inputs(SCHEMA, running.runtime)
    taken = await asyncio.gather(*(inputs.take_due_timers() for _ in range(4)))
    assert sum(taken) == 1
    assert running.answers() == [due.id]


async def test_rule_07_an_input_that_comes_back_to_its_own_stage_is_handled_once(
    running: Running,
) -> None:
    event = an_event("seen", "p")

    async def work(_tx: object) -> list[Event]:
        return [event]

    running.start(Tally())
    await Inputs(SCHEMA, running.runtime).take(event.id, work)
    await running.until(lambda: len(running.answers()) == 1)
    await running.until(lambda: sum(running.log.committed.values()) == 1)
    await asyncio.sleep(0.3)  # a loop would have gone round by now
    assert len(running.log.records(topics.ACTIVITY)) == 1
    assert await running.applied() == 1


async def test_rule_18_a_timer_that_comes_back_to_its_own_stage_is_handled_once(
    running: Running,
) -> None:
    event = an_event("seen", "p")
    async with running.database.transaction() as tx:
        await timers.plan(tx, SCHEMA, event.id, event.time, event)
    running.start(Tally())
    await running.until(lambda: len(running.answers()) == 1)
    await running.until(lambda: sum(running.log.committed.values()) == 1)
    await asyncio.sleep(0.3)
    assert len(running.log.records(topics.ACTIVITY)) == 1
    assert await running.applied() == 1
