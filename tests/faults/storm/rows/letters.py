"""Poison on the topics; dead letters sent again; every topic read again from its beginning."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from functools import partial
from random import Random
from typing import Any, Final

import httpx

from libs.common import topics
from libs.common.books.balance import READS
from libs.common.log.port import Record
from tests.faults.storm import raw_log
from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm, nothing_in_flight, until
from tests.faults.storm.supervisor import SERVICES

_POISONED: Final = (topics.CAPTURED, topics.ENRICHED, topics.SCORED, topics.ACTIVITY)
_LARGE: Final = 1024 * 1024


async def _poison(storm: Storm, draw: Random) -> str:
    """Garbage, NULs, a megabyte, and JSON of another shape under the right headers."""
    before = len(await _letters(storm))
    records = [record for topic in _POISONED for record in _bad(topic, draw)]
    storm.poisoned |= {record.key for record in records}
    await raw_log.append(storm.brokers.direct, records)

    async def look() -> bool:
        return len(await _letters(storm)) > before

    took = await until(look, 60, "a dead letter", every=0.3)
    storm.sometimes["a dead letter"] += 1
    return f"{len(records)} records, the first dead letter after {took:.1f} s"


def _bad(topic: str, draw: Random) -> list[Record]:
    headers = tuple(
        (f"ce_{name}", value.encode())
        for name, value in {
            "id": str(uuid.UUID(int=draw.getrandbits(128))),
            "type": topic,
            "source": "/sarnakh/poison",
            "specversion": "1.0",
            "time": "2026-01-01T00:00:00Z",
        }.items()
    )
    values = (draw.randbytes(40), b"\0" * 64, b"[" + b"1," * (_LARGE // 2) + b"1]")
    key = str(uuid.UUID(int=draw.getrandbits(128)))
    wrong = json.dumps({"submission_id": 7, "fields": "none"}).encode()
    return [*(Record(topic, key, value) for value in values), Record(topic, key, wrong, headers)]


async def _again(storm: Storm, _draw: Random) -> str:
    """Every dead letter sent again, three times over: nothing is counted twice."""
    before = await _counts(storm)
    if innocent := [each for each in await _letters(storm) if each["key"] not in storm.poisoned]:
        raise AssertionError(f"dead letters that nobody poisoned: {innocent[:3]}")
    sent = 0
    for _ in range(3):
        async with storm.desk_client() as desk:
            for letter in await _letters(storm):
                answer = await desk.post(f"/api/dead-letters/{letter['id']}/replay")
                sent += answer.is_success
        await asyncio.sleep(3)
        await _settled(storm)
    del before["desk.timeline"]  # each replay is told of in its submission's story
    await _same(storm, before)
    return f"{sent} sent again; the counts are the same"


async def _from_zero(storm: Storm, _draw: Random) -> str:
    """Every group begins again at offset 0 of everything that it reads."""
    storm.sometimes["a record published twice"] += await raw_log.repeated(storm.brokers.direct)
    before = await _counts(storm)
    await asyncio.gather(*(_begin_again(storm, name) for name in SERVICES))
    for name in SERVICES:
        await _read_up(storm, name)
    await _settled(storm)
    await _same(storm, before)
    return "all topics read again; the counts are the same"


async def _begin_again(storm: Storm, name: str) -> None:
    await storm.supervisor.halt(name)
    await raw_log.set_back(storm.brokers.direct, name, READS[name])
    storm.supervisor.go_on(name)
    await storm.supervisor.ready(name)


async def _read_up(storm: Storm, name: str) -> None:
    async def look() -> bool:
        return not await raw_log.behind(storm.brokers.direct, name, READS[name])

    await until(look, 900, f"{name} has read everything", every=0.5)


async def _settled(storm: Storm) -> None:
    async with storm.desk_client() as desk:
        look = partial(nothing_in_flight, desk)
        await until(look, 300, "nothing in flight", every=0.5)


async def _counts(storm: Storm) -> dict[str, Any]:
    """What must not change: the books, the leads, the messages."""
    looking = await storm.postgres.connect()
    try:
        counts = {
            name: await looking.fetchval(f"SELECT count(*) FROM {name}")
            for name in (
                "enrichment.persons", "routing.leads", "routing.assignments",
                "routing.notifications", "desk.leads", "desk.timeline",
            )
        }  # fmt: skip
    finally:
        await looking.close()
    async with storm.desk_client() as desk:
        books = (await desk.get("/api/books")).raise_for_status().json()
    told = (await storm.oracle.ask("stats"))["told"]
    return {**counts, "accepted": books["accepted"], "ends": books["terminal"], "told": told}


async def _same(storm: Storm, before: dict[str, Any]) -> None:
    after = await _counts(storm)
    changed = {name: (was, after[name]) for name, was in before.items() if after[name] != was}
    if changed:
        raise AssertionError(f"counts changed: {changed}")


async def _letters(storm: Storm) -> list[dict[str, Any]]:
    async with storm.desk_client() as desk:
        with contextlib.suppress(httpx.HTTPError):  # it may be down
            answer = await desk.get("/api/dead-letters", params={"limit": "200"})
            items: list[dict[str, Any]] = answer.json()["items"] if answer.is_success else []
            return items
    return []


FAULTS = (Fault("poison on the topics", "17", _poison, lane="outside"),)
AT_REST = (
    Fault("dead letters sent again, three times", "18", _again),
    Fault("all topics read again from offset 0", "18", _from_zero),
)
