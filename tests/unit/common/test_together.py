"""Who asks while a group is under way shares the next one, and hears its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from libs.common.together import Together


class Doubling:
    """Answers each number with twice itself, when it may."""

    def __init__(self, most: int = 100, gather: float = 0.0) -> None:
        self.groups: list[list[int]] = []
        self.may = asyncio.Event()
        self.may.set()
        self.fails = False
        self.asking = Together(self._run, most=most, gather=gather)

    async def _run(self, group: Sequence[int]) -> list[int]:
        self.groups.append(list(group))
        await self.may.wait()
        if self.fails:
            raise ZeroDivisionError
        return [2 * each for each in group]


async def test_one_alone_waits_for_nobody() -> None:
    doubling = Doubling()
    assert await doubling.asking.ask(4) == 8
    assert doubling.groups == [[4]]


async def test_those_who_come_meanwhile_go_together_and_hear_their_own() -> None:
    doubling = Doubling(most=3)
    doubling.may.clear()
    asked = [asyncio.ensure_future(doubling.asking.ask(n)) for n in range(8)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    doubling.may.set()
    assert await asyncio.gather(*asked) == [2 * n for n in range(8)]
    assert doubling.groups == [[0, 1, 2], [3, 4, 5], [6, 7]]


async def test_a_failed_group_fails_its_own_and_no_other() -> None:
    doubling = Doubling(most=2)
    doubling.may.clear()
    doubling.fails = True
    first = [asyncio.ensure_future(doubling.asking.ask(n)) for n in range(2)]
    await asyncio.sleep(0)
    doubling.may.set()
    for each in first:
        with pytest.raises(ZeroDivisionError):
            await each
    doubling.fails = False
    assert await doubling.asking.ask(3) == 6


async def test_who_has_left_is_not_asked_for() -> None:
    doubling = Doubling(most=1)
    doubling.may.clear()
    asked = [asyncio.ensure_future(doubling.asking.ask(n)) for n in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asked[1].cancel()
    await asyncio.sleep(0)
    doubling.may.set()
    assert await asked[2] == 4
    assert doubling.groups == [[0], [2]]


async def test_the_first_of_a_calm_moment_waits_for_others_where_that_is_asked_for() -> None:
    doubling = Doubling(gather=1.0)
    first = asyncio.ensure_future(doubling.asking.ask(1))
    await asyncio.sleep(0.001)
    second = asyncio.ensure_future(doubling.asking.ask(2))
    assert [await first, await second] == [2, 4]
    assert doubling.groups == [[1, 2]]
