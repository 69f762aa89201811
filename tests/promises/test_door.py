"""Capture's rules that no answer shows by itself: what is on the disk before it is given."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from libs.common.log import Log
from services.capture.publishing.intake import Intake
from services.capture.spool import Spool
from tests.fixtures.capture.capturing import capturing
from tests.fixtures.capture.memory_log import MemoryLog
from tests.fixtures.capture.waiting import until
from tests.unit.capture.publishing.test_publisher import event


class SlowDisk:
    """Lets `os.fdatasync` return only when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.turning = threading.Event()
        self.turning.set()
        self.asked = threading.Event()
        real = os.fdatasync

        def sync(descriptor: int) -> None:
            self.asked.set()
            self.turning.wait(20)
            real(descriptor)

        monkeypatch.setattr(os, "fdatasync", sync)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    made = SlowDisk(monkeypatch)
    yield made
    made.turning.set()


async def test_rule_02_no_answer_is_given_before_the_disk_has_the_record(
    tmp_path: Path, disk: SlowDisk
) -> None:
    async with capturing(tmp_path) as worker:
        await worker.posted("plain", data={"phone": "09121234567"})
        disk.turning.clear()
        disk.asked.clear()
        asking = asyncio.create_task(worker.posted("plain", data={"phone": "09121234568"}))
        assert await asyncio.to_thread(disk.asked.wait, 10)
        done, _ = await asyncio.wait({asking}, timeout=0.3)
        assert not done
        assert len(worker.leads) == 1, "the log had it before the disk"
        disk.turning.set()
        assert (await asking).status_code == 202


def test_rule_02_a_new_segments_name_is_on_the_disk_before_its_first_record_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    syncs = {"fsync": os.fsync, "fdatasync": os.fdatasync}

    def watch(name: str) -> None:
        def sync(descriptor: int) -> None:
            place = Path(f"/proc/self/fd/{descriptor}").readlink()
            done.append("folder" if place == tmp_path else "segment")
            syncs[name](descriptor)

        monkeypatch.setattr(os, name, sync)

    for name in syncs:
        watch(name)
    spool = Spool(tmp_path, segment_bytes=200)
    for _ in range(4):
        before = len(list(tmp_path.glob("*")))
        done.clear()
        spool.append([b"x" * 150])
        made = len(list(tmp_path.glob("*"))) > before
        assert made, "each record was to begin a segment"
        assert done == ["segment", "folder", "segment"]
    spool.close()


async def test_rule_02_a_worker_that_leaves_gives_the_log_what_it_took(tmp_path: Path) -> None:
    log = MemoryLog()
    intake = Intake(tmp_path, cast("Log", log))
    await intake.accept(event(0))
    log.delay = 0.1
    taking = [asyncio.create_task(intake.accept(event(number))) for number in (1, 2, 3)]
    await until(lambda: intake.reached()[1] == 4)
    assert len(log.places) == 1
    await intake.close()
    assert [number for _, number in log.places] == [1, 2, 3, 4]
    await asyncio.gather(*taking)
