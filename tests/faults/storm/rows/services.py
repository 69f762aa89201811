"""Services die: at a named point, by a polite signal, all at once, in turn under load."""

from __future__ import annotations

import asyncio
import signal
import time
from functools import partial
from random import Random

from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm, until
from tests.faults.storm.supervisor import SERVICES, STAGES

POINTS = (
    "capture.spool.written",
    "capture.spool.synced",
    "capture.published",
    *(f"{stage}.{point}" for stage in STAGES for point in ("applied", "published")),
    "routing.claimed",
    "routing.sent",
    "routing.settled",
)
_TRIES = 8
_TAKEN_OVER = "a partition taken over in the midst of a slice"


async def _at_points(storm: Storm, draw: Random) -> str:
    """Arm a service with a point to die at, once it has passed it a few times."""
    points = draw.sample(POINTS, len(POINTS) if storm.is_long else 3)
    for point in points:
        for _ in range(_TRIES):
            if await _dies_at(storm, f"{point}:{draw.randrange(1, 4)}"):
                break
        else:
            raise AssertionError(f"somebody else killed it before it came to {point}")
        if point.endswith((".applied", ".published")):
            storm.sometimes[_TAKEN_OVER] += 1
    return f"{', '.join(points)}"


async def _dies_at(storm: Storm, point: str) -> bool:
    """Whether it did, and was not killed by somebody else before."""
    name = point.partition(".")[0]
    unit = storm.supervisor.units[name]
    await storm.supervisor.ready(name)
    unit.once = {"SARNAKH_FAIL_POINT": point}
    wanted = unit.starts + 2
    storm.supervisor.kill(name)
    kills = unit.kills

    async def look() -> bool:
        return unit.starts >= wanted

    await until(look, 90, f"{name} dies at {point} and is started again")
    if unit.kills > kills:
        return False
    storm.timeline.killed(name, f"SIGKILL at {point}")
    return True


async def _everything(storm: Storm, _draw: Random) -> str:
    """All dependencies and all stages at once; capture too, and it must come back without them."""
    for name in STAGES:
        storm.supervisor.kill(name)
    storm.postgres.kill()
    for node in range(storm.brokers.count):
        storm.brokers.kill(node)
    try:
        await asyncio.sleep(1.5)
        storm.supervisor.kill("capture")
        began = time.monotonic()
        before = await _accepted(storm)
        await until(
            partial(_some_more, storm, before), 60, "posts accepted with nothing else alive"
        )
        first = time.monotonic() - began
        await asyncio.sleep(5)
        accepted = await _accepted(storm) - before
    finally:
        await storm.brokers.again()
        await storm.postgres.again()
    return f"{accepted} posts accepted with nothing else alive, the first after {first:.1f} s"


async def _accepted(storm: Storm) -> int:
    return int((await storm.oracle.ask("stats"))["accepted"])


async def _some_more(storm: Storm, before: int) -> bool:
    return await _accepted(storm) > before


async def _rolling(storm: Storm, _draw: Random) -> str:
    """End each politely and start it again, one after the other."""
    took, wrong = [], []
    for name in SERVICES:
        await storm.supervisor.ready(name)
        began = time.monotonic()
        status = await storm.supervisor.halt(name)
        took.append(time.monotonic() - began)
        if status:
            wrong.append(f"{name}: {status}")
        storm.supervisor.go_on(name)
        await storm.supervisor.ready(name)
    if wrong:
        raise AssertionError(f"exit status of a polite end: {', '.join(wrong)}")
    return f"each ended with 0, the slowest within {max(took):.1f} s"


async def _rebalances(storm: Storm, draw: Random) -> str:
    """Members join and leave every few seconds, some politely and some not."""
    rounds = 40 if storm.is_long else 3
    for number in range(rounds):
        names = []
        for stage in draw.sample(STAGES[:3], 2):
            unit = storm.unit(stage, f"-{number}")
            names.append(storm.supervisor.add(unit).name)
        await asyncio.sleep(3)
        for name in names:
            how = draw.choice((signal.SIGTERM, signal.SIGKILL))
            await storm.supervisor.remove(name, how)
    return f"{rounds * 2} members joined and left"


FAULTS = (
    Fault("services killed at named points", "14, 19, 23", _at_points),
    Fault("everything down at once, but for the doors", "11 + 3", _everything, lane="surroundings"),
    Fault("rolling restart under load", "2, 35", _rolling),
    Fault("rebalance storm", "16", _rebalances),
)
