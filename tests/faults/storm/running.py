"""The load, the kills beside it, and one fault after the other in each lane."""

from __future__ import annotations

import asyncio
import signal
import time
from random import Random
from typing import Final

from rich.console import Console
from rich.progress import Progress

from tests.faults.storm.plan import Kill, Plan
from tests.faults.storm.report import Injected
from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm
from tests.faults.storm.wishes import Wishes

AT_MOST: Final = 2400.0
"""Seconds of load after the last fault of a long run, until there were enough posts and kills."""


async def run(
    storm: Storm, wished: Wishes, plan: Plan, faults: dict[str, Fault], console: Console
) -> list[Injected]:
    """The load, the kills beside it, and one fault after the other."""
    done = {name: Injected(name, fault.row) for name, fault in faults.items()}
    await storm.oracle.ask("rate", value=storm.rate)
    killing = asyncio.create_task(_kill(storm, plan.kills))
    with Progress(console=console, transient=True) as progress:
        total = progress.add_task("faults", total=len(plan.turns))

        async def lane(name: str) -> None:
            for turn in plan.turns:
                if turn.lane == name:
                    await asyncio.sleep(turn.after)
                    luck = Random(turn.luck)  # noqa: S311 - replayed by its seed
                    await inject(storm, faults[turn.fault], luck, done[turn.fault])
                    progress.update(total, advance=1, description=turn.fault)

        await asyncio.gather(*(lane(name) for name in sorted({t.lane for t in plan.turns})))
        if storm.is_long:
            progress.update(total, description="until it is enough")
            await _enough(storm, wished)
    killing.cancel()
    return list(done.values())


async def _enough(storm: Storm, wished: Wishes) -> None:
    """Go on with the load and the kills until both are many."""
    deadline = time.monotonic() + AT_MOST
    while time.monotonic() < deadline:
        stats = await storm.oracle.ask("stats")
        if stats["accepted"] >= wished.accepted and storm.timeline.kills >= wished.kills:
            return
        await asyncio.sleep(5)


async def inject(storm: Storm, fault: Fault, luck: Random, injected: Injected) -> None:
    """Do one fault, and note when and what was seen."""
    began = time.monotonic()
    storm.timeline.note("fault", name=fault.name)
    try:
        seen = await fault.inject(storm, luck)
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
        injected.failed.append(seen)
    injected.seen.append(seen)
    injected.windows.append((began, time.monotonic()))
    storm.timeline.note("over", name=fault.name, seen=seen)


async def _kill(storm: Storm, kills: tuple[Kill, ...]) -> None:
    began = time.monotonic()
    for kill in kills:
        await asyncio.sleep(max(0.0, began + kill.at - time.monotonic()))
        if storm.supervisor.units[kill.whom].is_wanted:
            storm.supervisor.kill(kill.whom, signal.Signals[kill.how])
