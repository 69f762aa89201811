"""More posts than usual, less memory and fewer files than usual, the same post again and again."""

from __future__ import annotations

import asyncio
from random import Random

from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm

_MEMORY = 300 * 1024 * 1024
_FILES = 256


async def _overload(storm: Storm, _draw: Random) -> str:
    before = await storm.oracle.ask("stats")
    seconds = 20 if storm.is_long else 3
    try:
        for times in (2, 5, 10):
            await storm.oracle.ask("rate", value=storm.rate * times)
            await asyncio.sleep(seconds)
    finally:
        await storm.oracle.ask("rate", value=storm.rate)
    after = await storm.oracle.ask("stats")
    accepted = after["accepted"] - before["accepted"]
    return f"{accepted} accepted in {3 * seconds} s, {after['broken'] - before['broken']} broken"


async def _limited(storm: Storm, draw: Random) -> str:
    """Little memory and few files: slower perhaps, but no end and no crash loop."""
    names = ("capture", draw.choice(("enrichment", "scoring", "routing", "desk")))
    for name in names:
        unit = storm.supervisor.units[name]
        unit.prefix = ("prlimit", f"--nofile={_FILES}", f"--data={_MEMORY}", "--")
        storm.supervisor.kill(name)
    await asyncio.sleep(0.6)
    starts = {}
    for name in names:
        await storm.supervisor.ready(name)
        starts[name] = len(storm.supervisor.ended_alone)
    await storm.oracle.ask("rate", value=storm.rate * 4)
    await asyncio.sleep(20 if storm.is_long else 4)
    await storm.oracle.ask("rate", value=storm.rate)
    ended = len(storm.supervisor.ended_alone)
    for name in names:
        storm.supervisor.units[name].prefix = ()
        storm.supervisor.kill(name)
    if any(ended > before for before in starts.values()):
        raise AssertionError(f"ended by itself: {storm.supervisor.ended_alone}")
    return f"{', '.join(names)} went on with 300 MiB and {_FILES} files"


async def _same(storm: Storm, _draw: Random) -> str:
    rounds = 20 if storm.is_long else 5
    for _ in range(rounds):
        await storm.oracle.ask("same", times=5)
    return f"{rounds} webhooks, five times each at once"


FAULTS = (
    Fault("overload: 2x, 5x, 10x", "31", _overload, lane="outside"),
    Fault("little memory, few files", "32", _limited),
    Fault("the same webhook five times at once", "24", _same, lane="outside"),
)
