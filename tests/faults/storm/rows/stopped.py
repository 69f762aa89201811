"""A stage that stands still longer than its session: another takes over, and it must see that."""

from __future__ import annotations

import asyncio
import signal
from random import Random

from libs.common.books.balance import READS
from tests.faults.storm import raw_log
from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm
from tests.faults.storm.supervisor import STAGES

_SESSION = 10.0


async def _stopped(storm: Storm, draw: Random) -> str:
    """Two members; one is stopped with a slice in its hands, and goes on as a zombie."""
    name = draw.choice(STAGES)
    other = storm.supervisor.add(storm.unit(name, "-b"))
    try:
        await storm.supervisor.ready(other.name)
        await asyncio.sleep(4)
        await _zombie(storm, name)
    finally:
        await storm.supervisor.remove(other.name)
    storm.sometimes["a partition taken over in the midst of a slice"] += 1
    return f"{name} stood still; no committed offset went back"


async def _zombie(storm: Storm, name: str) -> None:
    process = storm.supervisor.units[name].process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(40 if storm.is_long else _SESSION + 3)
        before = await raw_log.committed(storm.brokers.direct, name, READS[name])
    finally:
        process.send_signal(signal.SIGCONT)
    await asyncio.sleep(3)
    after = await raw_log.committed(storm.brokers.direct, name, READS[name])
    back = {lane: (was, after[lane]) for lane, was in before.items() if after[lane] < was}
    if back:
        raise AssertionError(f"committed offsets went back: {back}")


FAULTS = (Fault("a stage stopped past its session, then going on", "15", _stopped),)
