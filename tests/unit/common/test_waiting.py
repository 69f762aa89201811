"""Waiting for one of several things."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from libs.common.waiting import any_of, unless

LONG = 60.0


async def _others() -> set[asyncio.Task[Any]]:
    """Tasks that are left, once those that were cancelled have ended."""
    for _ in range(3):
        await asyncio.sleep(0)
    return asyncio.all_tasks() - {asyncio.current_task()}


async def test_the_first_event_ends_the_wait() -> None:
    never, soon = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().call_soon(soon.set)
    await asyncio.wait_for(any_of(never, soon), LONG)
    assert not await _others()


async def test_the_time_ends_the_wait() -> None:
    await asyncio.wait_for(any_of(asyncio.Event(), asyncio.Event(), seconds=0.01), LONG)
    assert not await _others()


async def test_work_gives_what_it_gives_or_nothing_where_the_stop_comes_first() -> None:
    stop = asyncio.Event()
    assert await unless(stop, asyncio.sleep(0, "done")) == "done"
    asyncio.get_running_loop().call_soon(stop.set)
    assert await asyncio.wait_for(unless(stop, asyncio.sleep(LONG, "late")), LONG) is None
    assert not await _others()


async def test_work_that_fails_is_heard() -> None:
    async def fail() -> None:
        raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        await unless(asyncio.Event(), fail())


@pytest.mark.parametrize(
    "wait",
    [
        lambda: any_of(asyncio.Event(), asyncio.Event()),
        lambda: unless(asyncio.Event(), asyncio.sleep(LONG)),
    ],
)
async def test_a_wait_that_is_cut_off_leaves_nothing_waiting(wait: Any) -> None:
    """Python says so in the log of whoever starts the program, "destroyed but it is pending"."""
    work: Coroutine[Any, Any, Any] = wait()
    task = asyncio.create_task(work)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not await _others()
