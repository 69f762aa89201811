"""From the spool to the log, while the log comes and goes."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from libs.common.events import Event, LeadCaptured
from libs.common.log import Log
from services.capture.publishing import publisher
from services.capture.publishing.intake import Intake
from services.capture.spool import Spool
from tests.fixtures.capture.memory_log import MemoryLog
from tests.fixtures.capture.waiting import until
from tests.unit.capture.publishing.conftest import IN_EARNEST


def event(number: int, raw: bytes = b"{}", said_by: int | None = None) -> Event:
    name = f"00000000-0000-4000-8000-{number:012d}"
    at = datetime(2026, 11, 22, tzinfo=UTC)
    data = LeadCaptured(name, "form", "contact", "form", at, "d", raw, fields={"name": "نیلوفر"})
    along = () if said_by is None else (("partitionkey", f"chat-{said_by}"),)
    return Event(name, name, at, data, extensions=along)


@asynccontextmanager
async def opened(folder: Path, log: MemoryLog) -> Any:
    intake = Intake(folder, cast("Log", log))
    yield intake
    await intake.close()


async def test_a_healthy_log_has_it_before_the_answer(tmp_path: Path) -> None:
    log = MemoryLog()
    async with opened(tmp_path, log) as intake:
        answers = await asyncio.gather(*(intake.accept(event(n)) for n in range(200)))
    assert set(answers) == {"replicated"}
    assert [number for _, number in log.places] == list(range(1, 201))
    assert {e.id for e in log.events} == {event(n).id for n in range(200)}
    assert max(log.batches) > 1


async def test_rule_02_what_the_disk_has_before_the_loop_hears_of_it_is_sent_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer's thread may be a moment ahead of the loop, which then reads it back as left."""
    told: list[Any] = []
    looks: list[int] = []
    settle, waiting = Intake._settled, Spool.waiting  # noqa: SLF001 - the moment between the two

    def look(spool: Spool, below: int) -> tuple[int, int] | None:
        if told:
            looks.append(below)
        return waiting(spool, below)

    monkeypatch.setattr(Intake, "_settled", lambda _self, *group: told.append(group))
    monkeypatch.setattr(Spool, "waiting", look)
    log = MemoryLog()
    async with opened(tmp_path, log) as intake:
        posted = asyncio.create_task(intake.accept(event(1)))
        await until(lambda: len(looks) > 2)
        settle(intake, *told[0])
        assert await posted == "replicated"
    assert [number for _, number in log.places] == [1]


async def test_who_ends_waits_for_the_disk_before_it_asks_whether_the_log_has_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, begun = Spool.append, asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(spool: Spool, payloads: Sequence[bytes]) -> int:
        loop.call_soon_threadsafe(begun.set)
        time.sleep(0.5)
        return append(spool, payloads)

    monkeypatch.setattr(Spool, "append", slow)
    log = MemoryLog()
    async with opened(tmp_path, log) as intake:
        gone = asyncio.create_task(intake.accept(event(1)))
        await asyncio.wait_for(begun.wait(), 30)
        gone.cancel()  # its sender has left
    assert [e.id for e in log.events] == [event(1).id]


async def test_while_the_log_is_away_answers_do_not_wait_and_all_comes_later(
    tmp_path: Path,
) -> None:
    log = MemoryLog()
    log.away = True
    async with opened(tmp_path, log) as intake:
        assert await intake.accept(event(0)) == "spooled"
        began = time.monotonic()
        for number in range(1, 50):
            assert await intake.accept(event(number)) == "spooled"
        assert time.monotonic() - began < 30, "each waited until the log failed anew"
        log.away = False
        await until(lambda: len(log.records) >= 50)
        assert await intake.accept(event(50)) == "replicated"
    assert sorted({number for _, number in log.places}) == list(range(1, 52))


async def test_a_silent_log_costs_an_answer_at_most_its_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "WAIT_SECONDS", IN_EARNEST)
    monkeypatch.setattr(publisher, "APPEND_SECONDS", 60.0)
    log = MemoryLog()
    log.silent = asyncio.Event()
    async with opened(tmp_path, log) as intake:
        began = time.monotonic()
        assert await intake.accept(event(1)) == "spooled"
        assert IN_EARNEST / 2 < time.monotonic() - began < 30
        waited = list[object]()
        monkeypatch.setattr(publisher, "_spooled", waited.append)
        assert await intake.accept(event(2)) == "spooled"
        assert waited == [], "known to be silent, it is not waited for"
        log.silent.set()


async def test_records_in_memory_are_bounded_and_the_rest_is_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "RING_RECORDS", 10)
    log = MemoryLog()
    log.away = True
    async with opened(tmp_path, log) as intake:
        for number in range(400):
            await intake.accept(event(number))
        assert len(intake.publisher._ring) <= 10  # noqa: SLF001  # the bound is what is shown
        log.away = False
        await until(lambda: len(log.records) >= 400)
        live = [number for _, number in log.places[:10]]
    assert live == list(range(391, 401))
    assert sorted(number for _, number in log.places) == list(range(1, 401))
    assert {e.id for e in log.events} == {event(n).id for n in range(400)}


async def test_a_conversation_keeps_its_order_over_an_outage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "RING_RECORDS", 10)
    log = MemoryLog()
    log.away = True
    async with opened(tmp_path, log) as intake:
        for number in range(30):
            await intake.accept(event(number, said_by=number % 5))
        log.away = False
        await until(lambda: len(log.records) >= 30)
        assert await intake.accept(event(30, said_by=0)) == "replicated"
    said: dict[str, list[int]] = defaultdict(list)
    for record, (_spool, sequence) in zip(log.records, log.places, strict=True):
        said[record.follows].append(sequence)
    assert len(said) == 5
    assert all(sequences == sorted(sequences) for sequences in said.values())


async def test_rule_07_what_is_left_out_between_live_records_is_not_noted_as_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words of a chat wait for those before them, and the forms among them go at once."""
    monkeypatch.setattr(publisher, "RING_RECORDS", 10)
    log = MemoryLog()
    log.away = True
    async with opened(tmp_path, log) as intake:
        for number in range(30):
            await intake.accept(event(number, said_by=number % 2 or None))
        log.away = False
        await until(lambda: not intake.publisher._own.spool.unacknowledged())  # noqa: SLF001 - what is noted
    assert [number for _, number in log.places[:5]] == [21, 23, 25, 27, 29]
    assert sorted(number for _, number in log.places) == list(range(1, 31))


async def test_rule_02_what_a_dead_worker_left_is_drained_beside_live_traffic(
    tmp_path: Path,
) -> None:
    away = MemoryLog()
    away.away = True
    left = [Intake(tmp_path, cast("Log", away)) for _ in range(2)]
    for number, intake in enumerate(left):
        await intake.accept(event(number))
    spools = {mark.spool for intake in left for mark in intake.marks()}
    for intake in left:
        await _die(intake)
    log = MemoryLog()
    async with opened(tmp_path, log) as heir:
        assert await heir.accept(event(9)) == "replicated"
        await until(lambda: len(log.records) >= 3)
        assert {spool for spool, _ in log.places} == spools
        assert len(set(log.places)) == 3
        await until(lambda: len(heir.marks()) == 2 and heir.marks()[1].retired)


async def _die(intake: Intake) -> None:
    """As SIGKILL would: nothing is drained, saved or said; the kernel drops the lock."""
    for task in intake._tasks:  # noqa: SLF001  # a kill asks nobody
        task.cancel()
    intake._held.release()  # noqa: SLF001  # as above


async def test_a_record_that_the_log_never_takes_does_not_hold_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "WAIT_SECONDS", IN_EARNEST)
    log = MemoryLog()
    log.largest = 2000
    async with opened(tmp_path, log) as intake:
        sizes = [b"x" * (5000 if number == 3 else 10) for number in range(8)]
        answers = await asyncio.gather(*(intake.accept(event(n, s)) for n, s in enumerate(sizes)))
        assert answers[3] == "spooled"
        await until(lambda: len(log.records) == 7)
    assert [path.name for path in Path(tmp_path).rglob("refused/*")] == ["4"]  # noqa: ASYNC240  # a test may block


async def test_a_restart_publishes_what_was_not_acknowledged_and_goes_on_counting(
    tmp_path: Path,
) -> None:
    log = MemoryLog()
    log.away = True
    async with opened(tmp_path, log) as intake:
        for number in range(3):
            await intake.accept(event(number))
    log.away = False
    async with opened(tmp_path, log) as intake:
        await intake.accept(event(3))
        await until(lambda: len(log.records) >= 4)
    assert sorted(number for _, number in log.places) == [1, 2, 3, 4]
    async with opened(tmp_path, log) as intake:
        await intake.accept(event(4))
    assert [number for _, number in log.places][4:] == [5]
