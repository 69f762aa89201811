"""The publisher outlives whatever goes wrong: in the log, on the disk, in one spool of several."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from libs.common.events import Event, LeadCaptured
from libs.common.log import Log, Record
from services.capture.publishing import intake as intake_module
from services.capture.publishing import orphans, publisher
from services.capture.publishing.intake import Intake
from services.capture.spool import Spool, take_all
from services.capture.spool.reading import Read
from tests.fixtures.capture.memory_log import MemoryLog
from tests.fixtures.capture.waiting import until
from tests.unit.capture.publishing.conftest import IN_EARNEST


def event(number: int, raw: bytes = b"{}") -> Event:
    name = f"00000000-0000-4000-8000-{number:012d}"
    at = datetime(2026, 11, 22, tzinfo=UTC)
    data = LeadCaptured(name, "form", "contact", "form", at, "d", raw, fields={"name": "نیلوفر"})
    return Event(name, name, at, data)


class UnmigratedLog(MemoryLog):
    """A log that answers, and wrongly, as a database without its tables does."""

    broken = True

    async def append(self, records: Any, deadline: float) -> None:
        if self.broken:
            raise ValueError('relation "log.records" does not exist')
        await super().append(records, deadline)


class UnrestingLog(MemoryLog):
    """Takes records only when another live one waits behind them, so that one always does."""

    def __init__(self) -> None:
        super().__init__()
        self.taking: Intake | None = None
        self.posted: list[asyncio.Task[Any]] = []

    async def append(self, records: Sequence[Record], deadline: float) -> None:
        if self.taking is not None:
            ring = self.taking.publisher._ring  # noqa: SLF001 - what waits live is seen nowhere else
            before = len(ring)
            post = self.taking.accept(event(len(self.posted)))
            self.posted.append(asyncio.create_task(post))
            await until(lambda: len(ring) > before)
        await super().append(records, deadline)


@asynccontextmanager
async def opened(folder: Path, log: MemoryLog) -> Any:
    intake = Intake(folder, cast("Log", log))
    yield intake
    await intake.close()


def left_behind(folder: Path, name: str) -> Path:
    """A spool of a worker that is gone, with one record in it."""
    path = folder / name
    path.mkdir(parents=True)
    spool = Spool(path)
    record = publisher.packed(Record("captured", "k", name.encode()))
    spool.append([record])
    spool.close()
    return path


async def test_rule_02_any_error_of_the_log_is_an_outage_that_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = UnmigratedLog()
    async with opened(tmp_path, log) as intake:
        assert [await intake.accept(event(n)) for n in range(3)] == ["spooled"] * 3
        log.broken = False
        await until(lambda: len(log.records) >= 3)
        assert intake.trouble() is None
        assert await intake.accept(event(3)) == "replicated"
    said = capsys.readouterr()
    assert "ValueError" in said.out + said.err
    assert "log.records" not in said.out + said.err


async def test_a_spool_that_cannot_be_read_back_holds_neither_live_ones_nor_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "LANE_PAUSE", 0.3)
    bad = left_behind(tmp_path / "left", "00000000-0000-4000-8000-00000000000a")
    good = left_behind(tmp_path / "left", "00000000-0000-4000-8000-00000000000b")
    failing = True
    read = Spool.read

    def reading(self: Spool, low: int, high: int, most: int, most_bytes: int) -> Read:
        if failing and self._folder.name == bad.name:
            raise OSError(errno.EIO, "bad sector")
        return read(self, low, high, most, most_bytes)

    monkeypatch.setattr(Spool, "read", reading)
    log = MemoryLog()
    (tmp_path / "spool").mkdir()
    async with opened(tmp_path / "spool", log) as intake:
        for path in (bad, good):
            lane = publisher.Lane(path.name, Spool(path))
            intake.publisher.adopt(lane)
        await until(lambda: good.name in {spool for spool, _ in log.places})
        assert await intake.accept(event(1)) == "replicated"
        assert await intake.accept(event(2)) == "replicated"
        assert bad.name not in {spool for spool, _ in log.places}
        failing = False
        await until(lambda: bad.name in {spool for spool, _ in log.places})


async def test_a_refused_record_that_cannot_be_set_aside_is_kept_and_holds_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "LANE_PAUSE", 0.3)
    full = True
    set_aside = Spool.set_aside

    def setting_aside(self: Spool, sequence: int, payload: bytes) -> None:
        if full:
            raise OSError(errno.ENOSPC, "no space")
        set_aside(self, sequence, payload)

    monkeypatch.setattr(Spool, "set_aside", setting_aside)
    log = MemoryLog()
    log.largest = 2000
    async with opened(tmp_path, log) as intake:
        with monkeypatch.context() as hurry:
            hurry.setattr(publisher, "WAIT_SECONDS", IN_EARNEST)
            assert await intake.accept(event(1, b"x" * 5000)) == "spooled"
        for number in range(2, 6):
            assert await intake.accept(event(number)) == "replicated"
        assert intake.marks()[0].acked == 0
        full = False
        await until(lambda: intake.marks()[0].acked == 5)
    assert [path.name for path in Path(tmp_path).rglob("refused/*")] == ["1"]  # noqa: ASYNC240  # a test may block


async def test_rule_02_a_spool_that_cannot_be_opened_is_let_go_and_the_others_are_drained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "LOOK_SECONDS", 0.05)
    names = [f"00000000-0000-4000-8000-00000000000{letter}" for letter in "ab"]
    log = MemoryLog()
    async with opened(tmp_path, log):
        ready = [left_behind(tmp_path.parent / f"{tmp_path.name}-left", name) for name in names]
        failing = True

        def spool(path: Path) -> Spool:
            if failing and path.name == names[0]:
                raise OSError(errno.EIO, "bad sector")
            return Spool(path)

        monkeypatch.setattr(orphans, "Spool", spool)
        for path in ready:
            shutil.move(path, tmp_path / path.name)
        await until(lambda: names[1] in {place[0] for place in log.places})
        failing = False
        await until(lambda: names[0] in {place[0] for place in log.places})


def test_a_folder_whose_lock_cannot_be_opened_does_not_keep_the_others_locked(
    tmp_path: Path,
) -> None:
    names = [f"00000000-0000-4000-8000-00000000000{letter}" for letter in "abc"]
    for name in names:
        left_behind(tmp_path, name)
    (tmp_path / names[1] / "lock").mkdir()
    for _ in range(2):
        taken = take_all(tmp_path)
        assert [held.spool for held in taken] == [names[0], names[2]]
        for held in taken:
            held.release()


async def test_rule_02_what_a_dead_worker_left_waits_for_no_pause_of_live_traffic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "LOOK_SECONDS", 0.05)
    name = "00000000-0000-4000-8000-00000000000a"
    left = left_behind(tmp_path / "elsewhere", name)
    log = UnrestingLog()
    async with opened(tmp_path / "spools", log) as intake:
        log.taking = intake
        await intake.accept(event(10**6))
        left.rename(tmp_path / "spools" / name)  # there from now on, and no pause comes
        try:
            await until(lambda: name in {spool for spool, _ in log.places})
        finally:
            log.taking = None
        await asyncio.gather(*log.posted)


async def test_rule_02_who_leaves_drains_what_is_only_on_the_disk_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "RING_RECORDS", 2)
    monkeypatch.setattr(intake_module, "DRAIN_SECONDS", 60.0)
    log = MemoryLog()
    log.silent = asyncio.Event()
    intake = Intake(tmp_path, cast("Log", log))
    taking = []
    for number in range(10):
        taking.append(asyncio.create_task(intake.accept(event(number))))
        await until(lambda reached=number + 1: intake.reached()[1] == reached)  # type: ignore[misc]  # a default is bound now
    leaving = asyncio.create_task(intake.close())
    await asyncio.sleep(0)
    assert log.places == []
    log.silent.set()
    await asyncio.wait_for(leaving, 120)
    for one in taking:
        one.cancel()
    assert sorted(number for _, number in log.places) == list(range(1, 11))
