"""The end of a storm: the faults stop, everything drains, and all is looked at."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Any, Final

from rich.console import Console

from tests.faults.storm import report
from tests.faults.storm.oracle.ledger import read
from tests.faults.storm.report import Injected
from tests.faults.storm.rows import AT_REST
from tests.faults.storm.running import inject
from tests.faults.storm.sampling import Sampling
from tests.faults.storm.scene import SOMETIMES, Storm, nothing_in_flight, until
from tests.faults.storm.verdict import Verdict, judge
from tests.faults.storm.wishes import Wishes

_LEAST_KINDS: Final = 12
_LEAST_KILLS: Final = 20
_DRAIN_SECONDS: Final = 90.0
_LONG_DRAIN_SECONDS: Final = 900.0
_FRESH_SECONDS: Final = 30.0


async def end(
    storm: Storm, wished: Wishes, done: list[Injected], sampling: Sampling, console: Console
) -> list[str]:
    """Stop the faults, drain, look at everything, and say it."""
    await storm.calm()
    fresh = await storm.oracle.ask("fresh", within=_FRESH_SECONDS)
    await storm.oracle.ask("quiet", within=70)
    drained = await _drain(storm)
    for fault in filter(wished.wants, AT_REST):
        done.append(Injected(fault.name, fault.row))
        await inject(storm, fault, Random(0), done[-1])  # noqa: S311 - it draws nothing
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
        console.print(f"  {line}", markup=False)
    wrong = _complaints(storm, wished, verdict, done)
    if fresh["seconds"] is None:
        wrong.append(f"no fresh lead was told within {_FRESH_SECONDS:.0f} s")
    if drained is None:
        wrong.append("not drained within the deadline")
    return wrong


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
    within = _LONG_DRAIN_SECONDS if storm.is_long else _DRAIN_SECONDS
    async with storm.desk_client() as desk:
        look = partial(nothing_in_flight, desk)
        try:
            return round(await until(look, within, "nothing in flight", every=0.5), 1)
        except TimeoutError:
            return None


def _complaints(storm: Storm, wished: Wishes, verdict: Verdict, done: list[Injected]) -> list[str]:
    wrong = report.complaints(verdict, done)
    if wished.words:  # a part of the list shows what it shows
        return wrong
    wrong += [f"void: never met {name}" for name in SOMETIMES if not storm.sometimes[name]]
    kinds, kills = len(done), storm.timeline.kills
    if kinds < _LEAST_KINDS or kills < _LEAST_KILLS:
        wrong.append(f"void: {kinds} kinds of faults and {kills} kills")
    return wrong
