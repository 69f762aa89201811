"""One process's clock jumps by an hour, there and back, while it works."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm
from tests.faults.storm.supervisor import SERVICES

_STEPS = ("+1h", "-1h", "+10m", "+0")


def _library() -> Iterator[Path]:
    for root in (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/local/lib")):
        yield from root.glob("faketime/libfaketimeMT.so.1")
        yield from root.glob("*/faketime/libfaketimeMT.so.1")


def _no_library() -> str:
    return "" if next(_library(), None) else "there is no libfaketime"


async def _stepped(storm: Storm, draw: Random) -> str:
    names = SERVICES if storm.is_long else draw.sample(SERVICES, 1)
    for name in names:
        await _step(storm, name)
    return f"{', '.join(names)}: {', '.join(_STEPS)}"


async def _step(storm: Storm, name: str) -> None:
    clock = storm.folder / f"clock-{name}"
    clock.write_text("+0\n", encoding="utf-8")
    unit = storm.supervisor.units[name]
    unit.environment |= {
        "LD_PRELOAD": str(next(_library())),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    try:
        storm.supervisor.kill(name)
        await asyncio.sleep(0.5)
        await storm.supervisor.ready(name)
        for step in _STEPS:
            clock.write_text(f"{step}\n", encoding="utf-8")
            await asyncio.sleep(2)
    finally:
        for variable in ("LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE", "FAKETIME_NO_CACHE"):
            unit.environment.pop(variable, None)
        storm.supervisor.kill(name)


FAULTS = (Fault("a clock stepped by an hour", "25", _stepped, absent=_no_library),)
