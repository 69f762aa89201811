"""In the fused process the stages share capture's loop: none of them may keep it (rule 30)."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import pytest

from libs.common import topics
from libs.common.configuration import Configurations
from libs.common.database import Database
from libs.common.events import encode
from libs.common.log import Partition, Record, Stored
from libs.common.stage.contract import Stage
from libs.common.stage.loop import SLICE
from libs.common.stage.slice import Slices, read
from services.commands import processes
from services.desk.stage import DeskStage
from services.enrichment.stage import EnrichmentStage
from services.routing.stage import RoutingStage
from services.scoring.stage import ScoringStage
from tests.integration.enrichment.conftest import EXAMPLE, START, Captured, captured

__all__ = ["captured"]
LONGEST: Final = 0.03
"""Seconds of CPU between two turns of the loop, on a machine that does other things beside. 5 ms
are promised of our own work; on top come a statement's parameters and rows, which the driver
encodes and decodes in one piece. In one piece a slice takes a tenth of a second and more."""


class Turns:
    """Measures the CPU time that passes between two turns of the loop."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self) -> None:
        while True:
            since = time.thread_time()
            await asyncio.sleep(0)
            self.longest = max(self.longest, time.thread_time() - since)


async def longest_turn(work: Callable[[], Awaitable[list[Record]]]) -> tuple[float, list[Record]]:
    turns = Turns()
    watching = asyncio.create_task(turns.watch())
    await asyncio.sleep(0)
    made = await work()
    watching.cancel()
    return turns.longest, made


def stored(records: Sequence[Record]) -> list[Stored]:
    """As they would lie in one partition of their topic."""
    now = START
    return [
        Stored(Partition(r.topic, 0), n, r.key, r.value, r.headers, now)
        for n, r in enumerate(records)
    ]


async def test_rule_30_no_stage_keeps_the_loop_while_it_works_off_a_backlog(
    database: Database, captured: Captured, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(gc.unfreeze)
    processes._settle_memory()  # noqa: SLF001  as every process does, a second after its start
    configurations = Configurations(EXAMPLE, database, {})
    await configurations.keep()
    stages: list[Stage] = [
        EnrichmentStage(configurations),
        ScoringStage(configurations),
        RoutingStage(configurations, asyncio.Event()),
        DeskStage(configurations),
    ]
    records = [
        encode(
            captured(
                {"phone": f"0912{n:07d}", "name": "نگار محمدی", "message": "قیمت؟" * 20}, after=n
            )
        )
        for n in range(3 * SLICE)
    ]
    found: dict[str, float] = {}
    for stage in stages:
        slices = Slices(stage, database)
        nexts: list[Record] = []
        for start in range(0, len(records), SLICE):
            part = stored(records[start : start + SLICE])

            async def work(part: Sequence[Stored] = part, slices: Slices = slices) -> list[Record]:
                ends = {part[0].partition: part[-1].offset + 1}
                outcomes = await slices.apply(await read(part), ends)
                return [record for outcome in outcomes for record in outcome.records]

            longest, made = await longest_turn(work)
            found[stage.name] = max(longest, found.get(stage.name, 0.0)) if start else 0.0
            nexts += made
        wanted = {"enrichment": topics.ENRICHED, "scoring": topics.SCORED, "routing": topics.ROUTED}
        records = [r for r in nexts if r.topic == wanted.get(stage.name)]
    assert max(found.values()) < LONGEST, found
