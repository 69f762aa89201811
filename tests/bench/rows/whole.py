"""The whole system: how many it carries to their specialists, how soon, at what cost."""

from __future__ import annotations

from typing import Final, NamedTuple

from tests.bench import requests
from tests.bench.installation import Installation
from tests.bench.load import Load, closed, opened, percentile
from tests.bench.place import Place
from tests.bench.processes import Process, cpu_seconds
from tests.bench.result import Row, Target
from tests.bench.sink import Sink

_ALL_IN: Final = 30.0
_AT_RATE: Final = 15.0
_QUIET: Final = 30.0
"""Seconds without a word after which nobody else will be told."""


class Carried(NamedTuple):
    """One run with everything."""

    rate: float
    """Leads told per second, from the first post to the last word."""
    cpu: float
    """Seconds of the processor per 1,000 leads, without the generator and the sink."""


async def everything(place: Place) -> list[Row]:
    """As fast as the door takes them for 30 s, until the last is told; none may be lost."""
    seconds, ours, peer, cpu, bare = place.seconds(_ALL_IN), [], [], [], []
    for run in range(place.runs):
        place.say(f"everything, run {run + 1}")
        with place.bare() as (port, process):
            bare.append(await _bare_cpu(port, process, place.seconds(5.0)))
        async with place.fresh() as (made, told):
            carried = await carry(place, made, told, seconds)
            ours.append(carried.rate)
            cpu.append(carried.cpu)
        if place.node_red is not None:
            peer.append(await _peer(place, seconds))
    baseline = "Node-RED, nothing durable" if peer else ""
    return [
        Row("all in, 30 s", place.log, "leads/s", ours, baseline, peer, Target(1_500, 4_000)),
        Row(
            "processor time, whole system",
            place.log,
            "s/1,000 leads",
            cpu,
            "bare ASGI",
            bare,
            Target(1.1, 0.5, least=False),
        ),
    ]


async def carry(
    place: Place, made: Installation, told: Sink, seconds: float, *, apart: bool = False
) -> Carried:
    """Posts as fast as the door takes them, until the last specialist is told."""
    if apart:
        ours = [process.pid for each in (await made.up_apart()).values() for process in each]
    else:
        ours = [(await made.up()).pid]
    measured = [each for each in (*ours, made.postgres, place.broker) if each is not None]
    before = cpu_seconds(measured)
    load = await closed(made.capture_port, requests.api, seconds=seconds, keep=True)
    last = await told.wait(load.answered, _QUIET)
    spent = cpu_seconds(measured) - before
    await _check_books(made, load, told)
    began = min(load.due.values())
    return Carried(load.answered / (last - began), spent / load.answered * 1000)


async def _check_books(made: Installation, load: Load, told: Sink) -> None:
    """None lost: every accepted submission was told, and the books say so too."""
    missing = load.due.keys() - told.told.keys()
    books = await made.books()
    if missing or books["accepted"] != load.answered:
        raise RuntimeError(f"{len(missing)} of {load.answered} were not told; books: {books}")


async def _peer(place: Place, seconds: float) -> float:
    if place.node_red is None:
        return 0.0
    async with place.fresh() as (made, told):
        url = made.environment["SARNAKH_DATABASE_URL"]
        with place.node_red.running(made.folder, url, told.port) as (port, _):
            load = await closed(port, requests.api, seconds=seconds, keep=True)
            last = await told.wait(load.answered, _QUIET)
            return len(told.told) / (last - min(load.due.values()))


async def _bare_cpu(port: int, process: Process, seconds: float) -> float:
    before = cpu_seconds([process.pid])
    load = await closed(port, requests.api, seconds=seconds)
    return (cpu_seconds([process.pid]) - before) / load.answered * 1000


async def notification(place: Place) -> list[Row]:
    """From when a post was due to when its specialist was told, all hops, calm and busy."""
    targets = {50: Target(100, 40, least=False), 1_000: Target(500, 150, least=False)}
    rows = []
    for rate, target in targets.items():
        ours, answers = [], []
        for run in range(place.runs):
            place.say(f"post to notification at {rate}/s, run {run + 1}")
            async with place.fresh() as (made, told):
                await made.up()
                port = made.capture_port
                await _soon(port, told, 50, 1.0)
                load = await _soon(port, told, rate, place.seconds(_AT_RATE))
                ours.append(percentile(_waits(load, told), 0.99))
                answers.append(load.percentile(0.99))
        name = f"post to notification p99 at {rate:,}/s"
        rows.append(Row(name, place.log, "ms", ours, "the door's answer", answers, target))
    return rows


async def _soon(port: int, told: Sink, rate: float, seconds: float) -> Load:
    before = told.count
    load = await opened(port, requests.api, rate=rate, seconds=seconds, keep=True)
    await told.wait(before + load.answered, _QUIET)
    return load


def _waits(load: Load, told: Sink) -> list[float]:
    missing = load.due.keys() - told.told.keys()
    if missing or load.refused:
        raise RuntimeError(f"{len(missing)} were not told, {load.refused} refused")
    return [told.told[name] - due for name, due in load.due.items()]
