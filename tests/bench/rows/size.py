"""What it holds in memory, and what a lead costs when many persons are known."""

from __future__ import annotations

from typing import Final

import asyncpg

from libs.common.database import Database
from libs.common.database.statements import text
from tests.bench import requests
from tests.bench.installation import Installation
from tests.bench.load import closed
from tests.bench.place import Place
from tests.bench.processes import memory_mib
from tests.bench.result import Row, Target
from tests.bench.rows.stages import fill, work_off

_POSTS: Final = 20_000
_FEW_PERSONS: Final = 10_000
_MANY_PERSONS: Final = 1_000_000
_MOST_PERSONS: Final = 10_000_000
_AT_ONCE: Final = 50_000
_PERSONS: Final = """
    WITH made AS (
        INSERT INTO enrichment.persons (id, opened_at, profile, changed_at)
        SELECT CAST(lpad(to_hex(n * 4294967295 / CAST(:of AS bigint)), 8, '0')
                    || substr(md5('bench person ' || n), 9) AS uuid),
            now(), template.profile, now()
        FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n,
            (SELECT profile FROM enrichment.persons LIMIT 1) template
        RETURNING id, opened_at)
    INSERT INTO enrichment.identifiers (kind, value, person_id, claimed_at)
    SELECT kind, kind || ':' || id, id, opened_at FROM made, unnest(ARRAY['phone', 'email']) kind
"""
"""Spread over all ids, and stored in their order: at random, ten million take most of an hour."""


async def memory(place: Place) -> list[Row]:
    """One capture worker after a busy while; stages are weighed where they are timed."""
    ours, bare = [], []
    for run in range(place.runs):
        place.say(f"memory, run {run + 1}")
        with place.bare() as (port, process):
            await closed(port, requests.api, seconds=place.seconds(5.0))
            bare.append(memory_mib(process.pid))
        async with place.fresh() as (made, _):
            worker = made.start("serve", "capture")
            await made.ready(made.capture_port)
            await closed(made.capture_port, requests.api, seconds=place.seconds(5.0))
            ours.append(memory_mib(worker.pid))
    target = Target(100, 60, least=False)
    return [Row("capture worker, memory", place.log, "MiB", ours, "bare ASGI", bare, target)]


async def growth(place: Place) -> list[Row]:
    """Enrichment's cost of a lead with many persons stored, against few, in one database."""
    few = 100 if place.quick else _FEW_PERSONS
    many = 1_000 if place.quick else _MOST_PERSONS if place.long else _MANY_PERSONS
    posts = 300 if place.quick else _POSTS
    costs: dict[int, list[float]] = {}
    async with place.fresh() as (made, _):
        await _cost(made, 100)  # a first person, whose profile the others get
        for stored, first in ((few, 1), (many, few + 1)):
            place.say(f"growth: {stored:,} persons are stored")
            await _store(made, first, stored)
            costs[stored] = []
            for run in range(place.runs):
                place.say(f"growth, run {run + 1}: {stored:,} persons")
                costs[stored].append(await _cost(made, posts))
    name = f"enrichment, cost of a lead, {many:,} persons stored"
    target = Target(1.5, 1.1, "ratio", least=False)
    return [Row(name, place.log, "µs/lead", costs[many], f"{few:,} persons", costs[few], target)]


async def _cost(made: Installation, posts: int) -> float:
    """Microseconds a lead, the stage pinned to one core."""
    await fill(made, posts)
    async with made.log() as log:
        return 1e6 / (await work_off(made, log, "enrichment")).rate


async def _store(made: Installation, first: int, last: int) -> None:
    """Persons with a phone and an e-mail each, as if they had come over years."""
    database = Database(made.environment["SARNAKH_DATABASE_URL"], pool=1)
    try:
        for start in range(first, last + 1, _AT_ONCE):
            span = {"first": start, "last": min(start + _AT_ONCE - 1, last), "of": last}
            async with database.transaction() as connection:
                await connection.execute(text("SET LOCAL statement_timeout = 0"))
                await connection.execute(text(_PERSONS), span)
    finally:
        await database.close()
    await _settled(made)


async def _settled(made: Installation) -> None:
    """What years leave behind: rows long seen and analysed, nothing left to be written."""
    connection = await asyncpg.connect(made.environment["SARNAKH_DATABASE_URL"])
    try:
        for step in ("VACUUM ANALYZE enrichment.persons, enrichment.identifiers", "CHECKPOINT"):
            await connection.execute(step)
    finally:
        await connection.close()
