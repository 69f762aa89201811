"""The end of a token is told before it comes: daily in the log, once per level as an event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from libs.common.database import Database
from services.capture.workers.expiring import Expiring
from tests.integration.capture.fetching.hydration import Hydration

START = 17
"""Days left at first: 2026-12-08 seen from 2026-11-21."""


@pytest.fixture
async def hydration(database: Database, tmp_path: Path) -> AsyncIterator[Hydration]:
    made = Hydration(database, tmp_path)
    made.configure(more=", token_expires: 2026-12-08")
    yield made
    await made.close()


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with capture_logs() as found:
        yield found


def watch(hydration: Hydration) -> Expiring:
    """As another process, or the same one after a restart, would have it."""
    return Expiring(hydration.runtime(), hydration.clock)


def levels(hydration: Hydration) -> list[tuple[str, int]]:
    said = [data for data in hydration.activities() if data.type == "source.token_expiring"]
    return [(data.data["level"], data.data["days_left"]) for data in said]


def measured() -> float | None:
    return REGISTRY.get_sample_value("sarnakh_capture_token_days_left", {"source": "ads"})


async def test_each_level_is_told_once_by_whoever_is_first(
    hydration: Hydration, lines: list[Any]
) -> None:
    start, expiring = hydration.now, watch(hydration)
    for left in range(START, -3, -1):
        hydration.now = start + timedelta(days=START - left)
        await expiring.look()
        await watch(hydration).look()
        expiring = watch(hydration)
        await expiring.look()
        await expiring.look()
        assert measured() == left
    assert levels(hydration) == [("warn", 14), ("alarm", 3), ("past", -1)]
    said = [one.data for one in hydration.activities() if one.type == "source.token_expiring"]
    assert [data["told"] for data in said] == [False] * 3, "the day is written down"
    told = [line for line in lines if line["event"] == "source.token_expiring"]
    assert [line["days"] for line in told] == list(range(14, -3, -1)), "once a day"
    assert {line["days"]: line["log_level"] for line in told} == {
        left: "warning" if left > 3 else "error" for left in range(14, -3, -1)
    }
    assert "token-1" not in repr(lines)


async def test_a_new_token_is_quiet_until_its_own_end_comes(hydration: Hydration) -> None:
    hydration.now += timedelta(days=START - 2)
    await watch(hydration).look()
    hydration.configure("token-2", more=", token_expires: 1405-11-18")  # 2027-02-07
    expiring = watch(hydration)
    await expiring.look()
    assert measured() == 63
    hydration.now += timedelta(days=60)
    await expiring.look()
    assert levels(hydration) == [("alarm", 2), ("alarm", 3)]


async def test_what_is_not_configured_any_more_is_not_measured(hydration: Hydration) -> None:
    runtime = hydration.runtime()
    expiring = Expiring(runtime, hydration.clock)
    await expiring.look()
    assert measured() == START
    hydration.configure()
    changed = asyncio.Event()
    watching = asyncio.create_task(runtime.configurations.watch(changed.set))
    async with asyncio.timeout(30):
        await changed.wait()
    watching.cancel()
    await expiring.look()
    assert measured() is None
