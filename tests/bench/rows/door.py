"""How much the door takes, and how fast it answers."""

from __future__ import annotations

from typing import Final

from tests.bench import requests
from tests.bench.load import Request, closed, opened
from tests.bench.place import Place
from tests.bench.result import Row, Target

_WARM: Final = 0.5
_SECONDS: Final = 8.0
_CALM: Final = 200.0


async def capture(place: Place) -> list[Row]:
    """JSON with its proof checked, stored and acknowledged by the log: one worker, full speed."""
    seconds, ours, bare, peer = place.seconds(_SECONDS), [], [], []
    for run in range(place.runs):
        place.say(f"capture, run {run + 1}")
        with place.bare() as (port, _):
            bare.append(await _rate(port, requests.api, seconds))
        async with place.fresh() as (made, told):
            made.start("serve", "capture")
            await made.ready(made.capture_port)
            ours.append(await _rate(made.capture_port, requests.api, seconds))
            made.stop("serve", "capture")
            if place.node_red is not None:
                url = made.environment["SARNAKH_DATABASE_URL"]
                with place.node_red.running(made.folder, url, told.port) as (port, _):
                    peer.append(await _rate(port, requests.api, seconds))
    name, unit = "capture, JSON, durable", "posts/s"
    rows = [Row(name, place.log, unit, ours, "bare ASGI", bare, Target(0.20, 0.35, "ratio"))]
    if peer:
        rows.append(
            Row(name, place.log, unit, ours, "Node-RED, whole flow", peer, Target(3, 6, "ratio"))
        )
    return rows


async def urlencoded(place: Place) -> list[Row]:
    """A browser's form against a program's JSON, on one worker in turns."""
    seconds, forms, programs = place.seconds(_SECONDS), [], []
    for run in range(place.runs):
        place.say(f"urlencoded, run {run + 1}")
        async with place.fresh() as (made, _):
            made.start("serve", "capture")
            await made.ready(made.capture_port)
            programs.append(await _rate(made.capture_port, requests.api, seconds))
            forms.append(await _rate(made.capture_port, requests.form, seconds))
    target = Target(0.5, 0.8, "ratio")
    return [Row("form, urlencoded", place.log, "posts/s", forms, "JSON", programs, target)]


async def latency(place: Place) -> list[Row]:
    """From when a post is due to its answer, at a calm 200 a second."""
    seconds, ours, bare = place.seconds(_SECONDS), [], []
    for run in range(place.runs):
        place.say(f"latency, run {run + 1}")
        with place.bare() as (port, _):
            bare.append(await _slowest(port, seconds))
        async with place.fresh() as (made, _):
            made.start("serve", "capture")
            await made.ready(made.capture_port)
            ours.append(await _slowest(made.capture_port, seconds))
    target = Target(20, 8, least=False)
    return [Row("capture p99 at 200/s", place.log, "ms", ours, "bare ASGI", bare, target)]


async def _rate(port: int, request: Request, seconds: float) -> float:
    await closed(port, request, seconds=_WARM)
    load = await closed(port, request, seconds=seconds)
    if load.refused:
        raise RuntimeError(f"{load.refused} posts were refused")
    return load.rate


async def _slowest(port: int, seconds: float) -> float:
    await opened(port, requests.api, rate=_CALM, seconds=_WARM)
    return (await opened(port, requests.api, rate=_CALM, seconds=seconds)).percentile(0.99)
