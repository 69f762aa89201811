"""A door that could not store says so, and takes it back by itself once it can again.

A balancer that reads /readyz sends it nobody meanwhile: no post would ever find out.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import cast

import pytest

from libs.common.log import Log
from services.capture.publishing.intake import Intake
from services.capture.spool import SpoolBroken, SpoolFull, spool
from tests.fixtures.capture.memory_log import MemoryLog
from tests.fixtures.capture.waiting import until
from tests.unit.capture.publishing.test_publisher import event


async def test_it_is_ready_again_when_the_disk_has_room_without_a_post(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = Intake(tmp_path, cast("Log", MemoryLog()))
    monkeypatch.setattr(spool, "CAP_BYTES", 10)
    with pytest.raises(SpoolFull):
        await intake.accept(event(1))
    assert intake.trouble() == "SpoolFull"
    monkeypatch.setattr(spool, "CAP_BYTES", 10**6)
    await until(lambda: intake.trouble() is None)
    assert await intake.accept(event(2)) == "replicated"
    await intake.close()


async def test_it_is_ready_again_when_the_disk_syncs_without_a_post(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_descriptor: int) -> None:
        raise OSError(errno.EIO, "injected")

    intake = Intake(tmp_path, cast("Log", MemoryLog()))
    syncs = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", fails)
    with pytest.raises(SpoolBroken):
        await intake.accept(event(1))
    assert intake.trouble() == "SpoolBroken"
    monkeypatch.setattr(os, "fdatasync", syncs)
    await until(lambda: intake.trouble() is None)
    assert await intake.accept(event(2)) == "replicated"
    await intake.close()
