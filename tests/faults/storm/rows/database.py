"""Postgres dies, keeps silent, holds locks, is the scene of a deadlock, or takes nobody in."""

from __future__ import annotations

import asyncio
import contextlib
from random import Random

import asyncpg

from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm


async def _killed(storm: Storm, _draw: Random) -> str:
    storm.postgres.kill()
    await asyncio.sleep(60 if storm.is_long else 4)
    await storm.postgres.again()
    return await _letters(storm)


async def _stopped(storm: Storm, _draw: Random) -> str:
    storm.postgres.pause()
    try:
        await asyncio.sleep(60 if storm.is_long else 6)
    finally:
        storm.postgres.resume()
    return await _letters(storm)


async def _cut(storm: Storm, _draw: Random) -> str:
    for _ in range(5):
        storm.postgres.proxy.cut()
        await asyncio.sleep(0.7)
    return await _letters(storm)


async def _locked(storm: Storm, draw: Random) -> str:
    table = draw.choice(
        ("enrichment.identifiers", "routing.leads", "scoring.persons", "routing.notifications")
    )
    held = await storm.postgres.connect()
    try:
        async with held.transaction():
            await held.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            await asyncio.sleep(7)
    finally:
        await held.close()
    return f"{table} locked for 7 s; {await _letters(storm)}"


async def _deadlocked(storm: Storm, _draw: Random) -> str:
    """Lock tables in the order opposite to a stage's, until somebody is the victim."""
    before = await _deadlocks(storm)
    for _ in range(6):
        held = await storm.postgres.connect()
        with contextlib.suppress(asyncpg.PostgresError):
            async with held.transaction():
                await held.execute("LOCK TABLE routing.notifications IN EXCLUSIVE MODE")
                await asyncio.sleep(0.6)
                await held.execute("LOCK TABLE routing.leads IN ACCESS EXCLUSIVE MODE")
        await held.close()
        await asyncio.sleep(1.2)  # the statistics come a moment later
        if found := await _deadlocks(storm) - before:
            break
    return f"{found} deadlocks; {await _letters(storm)}"


async def _crowded(storm: Storm, _draw: Random) -> str:
    """Take every connection that there is."""
    taken: list[asyncpg.Connection] = []
    try:
        with contextlib.suppress(asyncpg.PostgresError):
            while True:
                taken.append(await storm.postgres.connect())
        storm.postgres.proxy.cut()
        await asyncio.sleep(4)
    finally:
        for one in taken:
            one.terminate()
    return f"{len(taken)} connections taken; {await _letters(storm)}"


async def _deadlocks(storm: Storm) -> int:
    looking = await storm.postgres.connect()
    try:
        found = await looking.fetchval("SELECT sum(deadlocks) FROM pg_stat_database")
        return int(found)
    finally:
        await looking.close()


async def _letters(storm: Storm) -> str:
    """How many dead letters there are: a dependency's failure must make none."""
    looking = await storm.postgres.connect()
    try:
        found = await looking.fetchval("SELECT count(*) FROM desk.dead_letters")
        return f"{found} dead letters"
    finally:
        await looking.close()


FAULTS = (
    Fault("Postgres killed", "11", _killed, lane="surroundings"),
    Fault("Postgres stopped: connected but silent", "11", _stopped, lane="surroundings"),
    Fault("Postgres's connections cut, five times", "11", _cut, lane="surroundings"),
    Fault("a table locked by somebody else", "12", _locked, lane="surroundings"),
    Fault("a deadlock with somebody else", "12", _deadlocked, lane="surroundings"),
    Fault("no connection left", "12", _crowded, lane="surroundings"),
)
