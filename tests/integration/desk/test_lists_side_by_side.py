"""Several lists at a time: a short one never waits for the end of a long one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.common.database.statements import text
from services.desk.imports import working
from services.desk.imports.working import Working
from services.desk.store import imports
from tests.integration.desk.conftest import TOKEN
from tests.integration.desk.importing import CHOICE, Imports, numbered


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that nobody takes on are not waited for at a list's end."""
    monkeypatch.setattr(working, "THROUGH_SECONDS", 0.1)
    monkeypatch.setattr(working, "IDLE_SECONDS", 0.05)


@contextlib.asynccontextmanager
async def at_work(worker: Working) -> AsyncIterator[None]:
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(lists: Imports, item: str, state: str) -> Any:
    async with asyncio.timeout(60):
        while (found := await lists.look(item))["state"] != state:  # noqa: ASYNC110  # a deadline is over it
            await asyncio.sleep(0.02)
    return found


async def checked(lists: Imports, content: bytes) -> str:
    """A list that has been brought and checked, and waits to be started."""
    item = str((await lists.bring(content))["id"])
    await lists.ask(item, "check", **CHOICE)
    assert await lists.working.turn()
    return item


def other(rows: int) -> bytes:
    """People of whom none is in the long list."""
    lines = (f"y{n},0935{n:07}" for n in range(1_000_000, 1_000_000 + rows))
    return "\n".join(["name,phone", *lines]).encode()


async def test_a_short_list_is_checked_and_put_in_while_a_long_one_is_on_its_way(
    lists: Imports,
) -> None:
    long = await checked(lists, numbered(500))
    await lists.ask(long, "start")
    async with at_work(lists.working):
        await lists.desk.said(50)  # nobody takes its rows on: it waits in its midst
        short = str((await lists.bring(other(5)))["id"])
        await lists.ask(short, "check", **CHOICE)
        assert (await until(lists, short, "checked"))["checked"] == {"new": 5}
        await lists.ask(short, "start")
        assert (await until(lists, short, "done"))["counts"] == {"new": 5}
        meanwhile = await lists.look(long)
        assert (meanwhile["state"], meanwhile["position"]) == ("running", 50)


@pytest.mark.parametrize("at", [1, 2, 4, 7])
async def test_lists_side_by_side_come_once_also_when_the_worker_dies(
    lists: Imports, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Both have ten people in common, who come by one of them; it dies at the n-th border."""
    monkeypatch.setattr(working, "SLICE", 5)
    first = await checked(lists, numbered(40))
    second = await checked(lists, other(20) + numbered(10).removeprefix(b"name,phone"))
    for item in (first, second):
        await lists.ask(item, "start")
    passed = 0

    def die(_point: str) -> None:
        nonlocal passed
        passed += 1
        if passed == at:
            raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(working, "fail_point", die)
        patched.setattr("libs.common.stage.inputs.fail_point", die)
        telling = asyncio.create_task(lists._tell())  # noqa: SLF001 - ours
        with contextlib.suppress(asyncio.CancelledError):
            await lists.working.run()
        assert passed >= at
        async with lists.desk.database.transaction() as tx:
            await tx.execute(text("UPDATE desk.imports SET lease_until = now()"))
    again = Working(lists.desk.runtime)
    await again.inputs.publish_left_over(older_than=0)
    async with at_work(again):
        done = [await until(lists, item, "done") for item in (first, second)]
    telling.cancel()
    assert sum(each["counts"]["new"] for each in done) == 60
    assert [sum(each["counts"].values()) for each in done] == [40, 30]
    assert len({one.submission_id for one in lists.captured()}) == 60
    told = [dict(event.extensions) for event in lists.events()]
    places = {(one["spool"], one["sequence"]) for one in told if "sequence" in one}
    assert len(places) == 60
    assert sorted(lists.worked_through()) == sorted([first, second])


async def test_a_list_that_waits_says_behind_how_many(
    lists: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "LANES", ("running",))
    long, short = await checked(lists, numbered(500)), await checked(lists, other(5))
    await lists.ask(long, "start")
    async with at_work(lists.working):
        await lists.desk.said(50)
        await lists.ask(short, "start")
        assert (await lists.look(short))["behind"] == 1
        assert (await lists.look(long))["behind"] == 0
        async with lists.desk.client({"Accept": "text/html"}) as browser:
            await browser.post("/sign-in", data={"token": TOKEN})
            page = await browser.get(f"/imports/{short}", params={"lang": "en"})
            assert "lists before it: 1" in page.text
            page = await browser.get(f"/imports/{short}", params={"lang": "fa"})
            assert "فهرست‌های جلوتر: ۱" in page.text
            page = await browser.get(f"/imports/{long}", params={"lang": "en"})
            assert "lists before it" not in page.text
        await lists.ask(long, "stop")
        assert (await until(lists, short, "done"))["counts"] == {"new": 5}


async def test_lanes_without_work_ask_once_and_not_each_over_and_over(
    lists: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims, rounds, claim, tidy = 0, 0, imports.claim, Working.tidy

    async def counted(*told: Any) -> Any:
        nonlocal claims
        claims += 1
        return await claim(*told)

    async def again(self: Working) -> None:
        nonlocal rounds
        rounds += 1
        await tidy(self)

    await lists.bring(other(3))  # which nobody has asked to check
    monkeypatch.setattr(imports, "claim", counted)
    monkeypatch.setattr(Working, "tidy", again)
    async with at_work(lists.working):
        async with asyncio.timeout(60):
            while rounds < 20:  # noqa: ASYNC110  # a deadline is over it
                await asyncio.sleep(0.02)
        assert claims == len(working.LANES)


async def test_a_list_that_another_process_was_asked_for_is_found_by_looking(
    lists: Imports,
) -> None:
    async with at_work(lists.working):
        for rows in (10, 20):
            item = str((await lists.bring(other(rows)))["id"])
            async with lists.desk.database.transaction() as tx:  # so that nobody is nudged
                await imports.ask(tx, item, "checking", CHOICE)
            await until(lists, item, "checked")
