"""The broker dies, keeps silent, is slow, or takes a request and never answers it."""

from __future__ import annotations

import asyncio
from random import Random

from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm


async def _waiting(storm: Storm, seconds: float) -> float:
    """The most that the spool held back in that time."""
    most = 0.0
    for _ in range(round(seconds / 0.5)):
        await asyncio.sleep(0.5)
        held = await storm.supervisor.metric("capture", "sarnakh_capture_spool_waiting_records ")
        most = max(most, held)
    if most > 100:
        storm.sometimes["a spool that drained more than 100 records"] += 1
    return most


async def _killed(storm: Storm, draw: Random) -> str:
    node = draw.randrange(storm.brokers.count)
    storm.brokers.kill(node)
    most = await _waiting(storm, 60 if storm.is_long else 5)
    await storm.brokers.again(node)
    return f"{most:.0f} records waited in the spool"


async def _stopped(storm: Storm, draw: Random) -> str:
    node = draw.randrange(storm.brokers.count)
    storm.brokers.pause(node)
    try:
        most = await _waiting(storm, 60 if storm.is_long else 7)
    finally:
        storm.brokers.resume(node)
    return f"{most:.0f} records waited in the spool"


async def _slow(storm: Storm, _draw: Random) -> str:
    for proxy in storm.brokers.proxies:
        proxy.delay = 2.0
    try:
        most = await _waiting(storm, 30 if storm.is_long else 6)
    finally:
        storm.brokers.flow()
    return f"{most:.0f} records waited in the spool"


async def _cut(storm: Storm, _draw: Random) -> str:
    before = sum(proxy.cuts for proxy in storm.brokers.proxies)
    for proxy in storm.brokers.proxies:
        proxy.is_cutting = True
    try:
        await asyncio.sleep(4)
    finally:
        storm.brokers.flow()
    cuts = sum(proxy.cuts for proxy in storm.brokers.proxies) - before
    return f"{cuts} answers never arrived"


async def _two_down(storm: Storm, draw: Random) -> str:
    nodes = draw.sample(range(storm.brokers.count), 2)
    for node in nodes:
        storm.brokers.kill(node)
    most = await _waiting(storm, 15)
    await storm.brokers.again(*nodes)
    return f"{most:.0f} records waited in the spool"


async def _all_killed(storm: Storm, _draw: Random) -> str:
    for node in range(storm.brokers.count):
        storm.brokers.kill(node)
    most = await _waiting(storm, 5)
    await storm.brokers.again()
    return f"{most:.0f} records waited in the spool"


FAULTS = (
    Fault("a broker killed", "3, 5", _killed, lane="surroundings"),
    Fault("a broker stopped: connected but silent", "4", _stopped, lane="surroundings"),
    Fault("the brokers slow by 2 s", "9", _slow, lane="surroundings"),
    Fault("the brokers cut off after the request", "10", _cut, lane="surroundings"),
    Fault("two of three brokers killed", "6", _two_down, lane="surroundings", brokers=3),
    Fault("all brokers killed at once", "7", _all_killed, lane="surroundings", brokers=3),
)
