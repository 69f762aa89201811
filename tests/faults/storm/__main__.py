"""The orchestrator: `make faults`.

Settings by environment: SEED, LONG, FAULTS, RATE, KEEP, and ACCEPTED and KILLS for a shorter LONG.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any, Final

import uvloop
from rich.console import Console
from rich.progress import Progress

from tests.faults.storm import plan as planning
from tests.faults.storm import report
from tests.faults.storm.oracle.ledger import read
from tests.faults.storm.plan import Kill, Plan
from tests.faults.storm.report import Injected
from tests.faults.storm.rows import AT_REST, FAULTS
from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.sampling import Sampling
from tests.faults.storm.scene import Storm, set_up, tear_down, until
from tests.faults.storm.verdict import Verdict, judge

GATE_SECONDS: Final = 130.0
LEAST_KINDS: Final = 12
LEAST_KILLS: Final = 20
GATE_RATE: Final = 25.0
LONG_RATE: Final = 60.0
LONG_ACCEPTED: Final = 103_000
"""Posts: a few of them are repeats of an id."""
LONG_ROUNDS: Final = 2
"""How often each fault is done."""
LONG_KILLS: Final = 300
LONG_AT_MOST: Final = 2400.0
"""Seconds of load after the last fault, at most, until there are so many."""
DRAIN_SECONDS: Final = 90.0
LONG_DRAIN_SECONDS: Final = 900.0
FRESH_SECONDS: Final = 30.0

console = Console(width=140 if not sys.stdout.isatty() else None)


async def run(folder: Path, seed: str, *, is_long: bool) -> list[str]:
    """One storm; why it is not good, or nothing."""
    brokers = 3 if is_long else 1
    chosen, left_out = _chosen(brokers)
    lanes = {fault.name: fault.lane for fault in chosen}
    plan = planning.draw(
        seed, lanes, LONG_ROUNDS if is_long else 1, 2 * LONG_AT_MOST if is_long else GATE_SECONDS
    )
    planning.write(plan, folder / "plan.json")
    for name, why in left_out:
        console.print(f"left out: {name} ({why})")
    rate = float(os.environ.get("RATE") or (LONG_RATE if is_long else GATE_RATE))
    storm = await set_up(folder, seed, brokers, rate)
    storm.is_long = is_long
    sampling = Sampling(storm)
    sampler = asyncio.create_task(sampling.run())
    try:
        done = await _storm(storm, plan, {fault.name: fault for fault in chosen})
        return await _end(storm, done, sampling)
    finally:
        sampler.cancel()
        await tear_down(storm)


def _chosen(brokers: int) -> tuple[list[Fault], list[tuple[str, str]]]:
    chosen, left_out = [], []
    for fault in FAULTS:
        if not _wanted(fault):
            continue
        if fault.brokers > brokers:
            left_out.append((fault.name, f"needs {fault.brokers} brokers: LONG=1"))
        elif why := fault.absent():
            left_out.append((fault.name, why))
        else:
            chosen.append(fault)
    return chosen, left_out


def _wanted(fault: Fault) -> bool:
    """Whether FAULTS, words between commas, names it; without FAULTS all are wanted."""
    words = os.environ.get("FAULTS", "").split(",")
    return any(word.strip() in fault.name for word in words)


async def _storm(storm: Storm, plan: Plan, faults: dict[str, Fault]) -> list[Injected]:
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
                    await _inject(storm, faults[turn.fault], luck, done[turn.fault])
                    progress.update(total, advance=1, description=turn.fault)

        await asyncio.gather(*(lane(name) for name in sorted({t.lane for t in plan.turns})))
        if storm.is_long:
            progress.update(total, description="until it is enough")
            await _enough(storm)
    killing.cancel()
    return list(done.values())


async def _enough(storm: Storm) -> None:
    """Go on with the load and the kills until both are many."""
    accepted = int(os.environ.get("ACCEPTED") or LONG_ACCEPTED)
    kills = int(os.environ.get("KILLS") or LONG_KILLS)
    deadline = time.monotonic() + LONG_AT_MOST
    while time.monotonic() < deadline:
        stats = await storm.oracle.ask("stats")
        if stats["accepted"] >= accepted and storm.timeline.kills >= kills:
            return
        await asyncio.sleep(5)


async def _inject(storm: Storm, fault: Fault, luck: Random, injected: Injected) -> None:
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


async def _end(storm: Storm, done: list[Injected], sampling: Sampling) -> list[str]:
    """Stop the faults, drain, look at everything, and say it."""
    await storm.calm()
    fresh = await storm.oracle.ask("fresh", within=FRESH_SECONDS)
    await storm.oracle.ask("quiet", within=70)
    drained = await _drain(storm)
    for fault in filter(_wanted, AT_REST):
        done.append(Injected(fault.name, fault.row))
        await _inject(storm, fault, Random(0), done[-1])  # noqa: S311 - it draws nothing
    stats = await storm.oracle.ask("stats")
    lines = read(storm.folder / "ledger.jsonl")
    if stats["refused"].get("503"):
        storm.sometimes["a 503"] += stats["refused"]["503"]
    looking = await storm.postgres.connect()
    async with storm.desk_client() as desk:
        verdict = await judge(lines, desk, looking)
    await looking.close()
    report.show(
        console,
        report.faults_table(lines, done),
        report.numbers(
            verdict, _more(storm, stats, fresh, drained, done) | _sizes(sampling), storm.sometimes
        ),
    )
    for line in verdict.named:
        console.print(f"  {line}")
    return _complaints(storm, verdict, done, fresh, drained)


def _more(
    storm: Storm, stats: dict[str, Any], fresh: dict[str, Any], drained: float | None,
    done: list[Injected],
) -> dict[str, Any]:  # fmt: skip
    return {
        "tries / no answer / refused": f"{stats['tries']} / {stats['broken']} / {stats['refused']}",
        "posts not begun / given up": f"{stats['skipped']} / {stats['gave_up']}",
        "messages taken by the provider, repeats": f"{stats['told']}, {stats['told_again']}",
        "kills": storm.timeline.kills,
        "kinds of faults": len(done),
        "ended by themselves": ", ".join(storm.supervisor.ended_alone) or 0,
        "a fresh lead was told after": f"{fresh['seconds']} s",
        "drained in": f"{drained} s",
    }


def _sizes(sampling: Sampling) -> dict[str, Any]:
    sizes = [f"{name} {size:.0f}" for name, size in sampling.largest.items()]
    files = [f"{name} {count}" for name, count in sampling.most_files.items()]
    return {"most memory, MiB": ", ".join(sizes), "most open files": ", ".join(files)}


async def _drain(storm: Storm) -> float | None:
    within = LONG_DRAIN_SECONDS if storm.is_long else DRAIN_SECONDS
    async with storm.desk_client() as desk:

        async def look() -> bool:
            answer = await desk.get("/api/books")
            return answer.is_success and answer.json()["in_flight"] == 0

        try:
            return round(await until(look, within, "nothing in flight", every=0.5), 1)
        except TimeoutError:
            return None


def _complaints(
    storm: Storm, verdict: Verdict, done: list[Injected], fresh: dict[str, Any],
    drained: float | None,
) -> list[str]:  # fmt: skip
    wrong = report.complaints(verdict, done, storm.sometimes)
    if fresh["seconds"] is None:
        wrong.append(f"no fresh lead was told within {FRESH_SECONDS:.0f} s")
    if drained is None:
        wrong.append("not drained within the deadline")
    kinds, kills = len(done), storm.timeline.kills
    if not os.environ.get("FAULTS") and (kinds < LEAST_KINDS or kills < LEAST_KILLS):
        wrong.append(f"void: {kinds} kinds of faults and {kills} kills")
    return wrong


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
    seed = os.environ.get("SEED") or secrets.token_hex(4)
    folder = Path(tempfile.mkdtemp(prefix="sarnakh-faults-"))
    folder.chmod(0o711)
    console.print(f"Seed {seed}; the plan, the timeline and the ledger are in {folder}")
    wrong = uvloop.run(_until_told_to_end(run(folder, seed, is_long=os.environ.get("LONG") == "1")))
    for line in wrong:
        console.print(f"[red]✗[/red] {line}")
    if wrong:
        console.print(f"Again with the same plan: SEED={seed} make faults")
        return 1
    console.print("Everything held.")
    if not os.environ.get("KEEP"):
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
