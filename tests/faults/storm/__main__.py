"""The orchestrator: `make faults` (docs/faults.md)."""

from __future__ import annotations

import asyncio
import logging
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

import uvloop
from rich.console import Console

from deploy.kafka.jars import KafkaUnavailable
from tests.faults.storm import plan as planning
from tests.faults.storm import running
from tests.faults.storm.ending import end
from tests.faults.storm.sampling import Sampling
from tests.faults.storm.scene import set_up, tear_down
from tests.faults.storm.wishes import Wishes, wishes

GATE_SECONDS: Final = 90.0
"""So long the gate's random kills go on."""
LONG_ROUNDS: Final = 2
"""How often a long run does each fault."""

console = Console(width=140 if not sys.stdout.isatty() else None, record=True)


async def storm(folder: Path, wished: Wishes) -> list[str]:
    """One storm; why it is not good, or nothing. Raises KafkaUnavailable."""
    chosen, left_out = wished.chosen()
    for line in left_out:
        console.print(f"left out: {line}")
    faults = {fault.name: fault for fault in chosen}
    lanes = {fault.name: fault.lane for fault in chosen}
    rounds, seconds = (1, GATE_SECONDS)
    if wished.is_long:
        rounds, seconds = (LONG_ROUNDS, 2 * running.AT_MOST)
    plan = planning.draw(wished.seed, lanes, rounds, seconds)
    planning.write(plan, folder / "plan.json")
    scene = await set_up(folder, wished)
    sampling = Sampling(scene)
    sampler = asyncio.create_task(sampling.run())
    try:
        done = await running.run(scene, wished, plan, faults, console)
        return await end(scene, wished, done, sampling, console)
    finally:
        sampler.cancel()
        await tear_down(scene)


async def _until_told_to_end(running: Coroutine[Any, Any, list[str]]) -> list[str]:
    """Let it clean up also when it is asked to end."""
    task = asyncio.ensure_future(running)
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return ["it was asked to end"]


def main() -> int:
    """The exit status: 0 when everything held."""
    logging.disable(logging.CRITICAL)  # aiokafka tells of every retry
    wished, began = wishes(), time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="sarnakh-faults-"))
    folder.chmod(0o711)
    console.print(f"Seed {wished.seed}; the plan, the timeline and the ledger are in {folder}")
    try:
        wrong = uvloop.run(_until_told_to_end(storm(folder, wished)))
    except KafkaUnavailable as reason:
        wrong = [str(reason)]
    console.print(f"{_cpu_seconds():.0f} s of processors in {time.monotonic() - began:.0f} s.")
    for line in wrong:
        console.print("✗", line, style="red", markup=False)
    again = f"Again with the same plan: SEED={wished.seed} make faults"
    console.print(again if wrong else "Everything held.")
    console.save_text(str(folder / "summary.txt"))
    if not wrong and not wished.keeps:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong else 0


def _cpu_seconds() -> float:
    """Of this process and of all that it has started and seen end (not Postgres)."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    sys.exit(main())
