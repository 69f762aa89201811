"""What each stage works off, with records waiting, its process pinned to one core."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Final, NamedTuple

from libs.common import topics
from libs.common.log import Log
from tests.bench import requests
from tests.bench.installation import Installation
from tests.bench.load import closed
from tests.bench.place import Place
from tests.bench.processes import memory_mib
from tests.bench.result import Row, Target

WAITING: Final = 50_000
_FEW: Final = 300
_CORE: Final = 0
_STALLED: Final = 120.0
_LOOK_EVERY: Final = 0.1
_READS: Final = {
    "enrichment": (topics.CAPTURED,),
    "scoring": (topics.ENRICHED,),
    "routing": (topics.SCORED,),
    "desk": topics.FLOW,
}
"""What each group is behind on when the stage before it has finished."""


class Worked(NamedTuple):
    """What one stage did."""

    rate: float
    memory: float


async def stages(place: Place) -> list[Row]:
    """The four in turn: each finds what the one before it has made."""
    count = _FEW if place.quick else WAITING
    rates: dict[str, list[float]] = {name: [] for name in _READS}
    memory: dict[str, list[float]] = {name: [] for name in _READS}
    reading: dict[str, list[float]] = {name: [] for name in _READS}
    for run in range(place.runs):
        async with place.fresh() as (made, _):
            place.say(f"stages, run {run + 1}: {count:,} posts")
            await fill(made, count)
            async with made.log() as log:
                for name in _READS:
                    place.say(f"stages, run {run + 1}: {name}")
                    reading[name].append(await _read_only(log, name))
                    worked = await work_off(made, log, name)
                    rates[name].append(worked.rate)
                    memory[name].append(worked.memory)
    target, small = Target(5_000, 15_000), Target(80, 45, least=False)
    waiting = f"{count:,} waiting"
    return [
        Row(
            f"{n}, one core, {waiting}",
            place.log,
            "records/s",
            rates[n],
            "reading",
            reading[n],
            target,
        )
        for n in _READS
    ] + [Row(f"{n}, memory after it", place.log, "MiB", memory[n], target=small) for n in _READS]


async def fill(made: Installation, count: int) -> None:
    """Have so many submissions wait in the log, taken in by the real door."""
    made.start("serve", "capture")
    await made.ready(made.capture_port)
    load = await closed(made.capture_port, requests.api, count=count)
    async with made.log() as log:
        while await _stored(log) < load.answered:  # noqa: ASYNC110 - another process appends
            await asyncio.sleep(_LOOK_EVERY)
    made.stop("serve", "capture")


async def work_off(made: Installation, log: Log, name: str) -> Worked:
    """Start the stage and time it between one twentieth done and one twentieth left."""
    read = _READS[name]
    total = await _behind(log, name, read)
    process = made.start("serve", name, pin=_CORE)
    if name == "desk":
        await made.ready(made.desk_port)
    seen = [(time.perf_counter(), total)]
    while (left := seen[-1][1]) > total * 0.05:
        await asyncio.sleep(_LOOK_EVERY)
        process.check()
        seen.append((time.perf_counter(), await _behind(log, name, read)))
        stalled = next(at for at, behind in seen if behind == left)
        if seen[-1][1] == left and seen[-1][0] - stalled > _STALLED:
            raise TimeoutError(f"{name} stands still with {left} records left")
    begun = next((each for each in seen if each[1] < total * 0.95), seen[0])
    first, last = (seen[0], seen[-1]) if begun == seen[-1] else (begun, seen[-1])
    while await _behind(log, name, read):  # noqa: ASYNC110 - another process reads
        await asyncio.sleep(_LOOK_EVERY)
    memory = memory_mib(process.pid)
    await asyncio.to_thread(made.stop, "serve", name)
    return Worked((first[1] - last[1]) / (last[0] - first[0]), memory)


async def _stored(log: Log) -> int:
    return sum(len(span) for span in (await log.spans([topics.CAPTURED])).values())


async def _behind(log: Log, group: str, read: tuple[str, ...]) -> int:
    return sum((await log.lags(group, list(read))).values())


async def _read_only(log: Log, name: str) -> float:
    """The same records read through the same port by a group that does nothing with them."""
    read = list(_READS[name])
    total = sum(len(span) for span in (await log.spans(read)).values())
    reader = await log.reader(f"bench-{uuid.uuid4().hex}", read)
    began, count = None, 0
    try:
        while count < total:
            batches = await reader.fetch(500, 1.0)
            began = began or time.perf_counter()
            count += sum(len(batch.records) for batch in batches)
    finally:
        await reader.close()
    return count / (time.perf_counter() - (began or 0.0))
