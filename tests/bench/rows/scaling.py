"""What it costs to run apart: a process for each service, and two processes of a stage."""

from __future__ import annotations

import asyncio
from typing import Final

from tests.bench import requests
from tests.bench.load import opened
from tests.bench.place import Place
from tests.bench.processes import Process, cpu_seconds
from tests.bench.result import Row, Target
from tests.bench.rows.whole import carry

_SECONDS: Final = 20.0
_RATE: Final = 200.0
_QUIET: Final = 30.0
_JOINED: Final = 8.0
"""Seconds for two members of a group to have shared its lanes."""
STAGES: Final = ("enrichment", "scoring", "routing")


async def apart(place: Place) -> list[Row]:
    """A process for each service against one process with all of them, posts at full speed."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    costs: dict[bool, list[float]] = {True: [], False: []}
    for run in range(place.runs):
        for alone in (False, True):
            place.say(f"{'apart' if alone else 'in one process'}, run {run + 1}")
            async with place.fresh() as (made, told):
                carried = await carry(place, made, told, place.seconds(_SECONDS), apart=alone)
            rates[alone].append(carried.rate)
            costs[alone].append(carried.cpu)
    name, fused = "a process for each service", "all in one process"
    return [
        Row(f"{name}, all in", place.log, "leads/s", rates[True], fused, rates[False]),
        Row(
            f"{name}, processor time", place.log, "s/1,000 leads", costs[True], fused, costs[False]
        ),
    ]


async def two(place: Place) -> list[Row]:
    """Two processes of each stage against one, at the same rate: what each then has to do."""
    single: dict[str, list[float]] = {name: [] for name in STAGES}
    double: dict[str, list[float]] = {name: [] for name in STAGES}
    busier: dict[str, list[float]] = {name: [] for name in STAGES}
    for run in range(place.runs):
        for copies in (1, 2):
            place.say(f"{copies} of each stage, run {run + 1}")
            for name, spent in (await _spent(place, copies)).items():
                (single if copies == 1 else double)[name].append(sum(spent))
                if copies == 2:
                    busier[name].append(max(spent) / sum(spent))
    unit = "ms/1,000 leads"
    target, share = Target(1.1, 1.1, "ratio", least=False), Target(0.6, 0.55, least=False)
    return [
        Row(f"{n}, two processes at 200/s", place.log, unit, double[n], "one", single[n], target)
        for n in STAGES
    ] + [
        Row(f"{n}, the busier one's share", place.log, "", busier[n], target=share) for n in STAGES
    ]


async def _spent(place: Place, copies: int) -> dict[str, list[float]]:
    """Milliseconds of the processor per 1,000 leads, of each process of each stage."""
    async with place.fresh() as (made, told):
        processes = await made.up_apart(copies)
        await opened(made.capture_port, requests.api, rate=_RATE, seconds=1.0)
        await asyncio.sleep(1.0 if place.quick else _JOINED)
        before = {name: _seconds(processes[name]) for name in STAGES}
        seconds = place.seconds(_SECONDS)
        told_before = told.count
        load = await opened(made.capture_port, requests.api, rate=_RATE, seconds=seconds)
        await told.wait(told_before + load.answered, _QUIET)
        return {
            name: [
                (now - then) / load.answered * 1e6
                for now, then in zip(_seconds(processes[name]), before[name], strict=True)
            ]
            for name in STAGES
        }


def _seconds(processes: list[Process]) -> list[float]:
    return [cpu_seconds([process.pid]) for process in processes]
