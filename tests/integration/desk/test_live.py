"""Open pages hear of what changes, in a real browser and over a real connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.async_api import expect

from libs.common.database.statements import text
from libs.common.events import Change, Deadline, Text
from libs.common.log import Partition
from libs.common.serving import http
from libs.common.serving.http import serve
from libs.common.stage.journal import Journal
from services.desk.stage import DeskStage
from services.desk.web import watching
from services.desk.web.pages import live
from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.journey import NOW, Journey
from tests.integration.desk.test_browser import Site, site

__all__ = ["site"]
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Served:
    """The desk on a port, as its process serves it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        stop = desk.runtime.stop
        self.task = asyncio.create_task(
            serve(desk.app, "127.0.0.1", 0, stop, self.ready.set_result)
        )

    async def end(self) -> None:
        self.desk.runtime.stop.set()
        await self.task


async def event(lines: AsyncIterator[str]) -> tuple[str, str]:
    """The next event of a stream, as (id, data)."""
    identity = ""
    async with asyncio.timeout(60):
        async for line in lines:
            if line.startswith("id: "):
                identity = line[4:]
            if line.startswith("data: "):
                return identity, line[6:]
    raise AssertionError("the stream ended")


async def test_a_stream_says_what_is_so_and_not_the_same_twice(desk: Desk) -> None:
    served = Served(desk)
    way = Journey()
    await desk.feed(*way.whole())
    url = f"{await served.ready}/live?lead={way.lead_id}"
    async with httpx.AsyncClient(headers=BEARER, timeout=60) as client:
        async with client.stream("GET", url) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            first = await event(lines)
            change = Change("accepted", Text("پذیرفت", "Accepted"), NOW, "sara")
            await desk.feed(way.routed(None, change, accepted_at=NOW))
            second = await event(lines)
        assert first[1] != second[1]
        again = {"Last-Event-ID": second[0]}
        async with client.stream("GET", url, headers=again) as answer:
            await desk.feed(way.routed(None, state="won"))
            third = await event(answer.aiter_lines())
        assert third[1] not in {first[1], second[1]}
    await served.end()


async def test_what_another_process_writes_is_told_too(desk: Desk) -> None:
    served = Served(desk)
    way = Journey()
    await desk.feed(*way.whole())
    url = f"{await served.ready}/live"
    elsewhere = DeskStage(desk.runtime.configurations)
    async with (
        httpx.AsyncClient(headers=BEARER, timeout=60) as client,
        client.stream("GET", url) as answer,
    ):
        lines = answer.aiter_lines()
        first = await event(lines)
        async with desk.database.transaction() as tx:
            await elsewhere.handle(tx, [Journey().routed()])
            await Journal("desk").move(tx, {Partition("leads.routed.v1", 0): 7})
        second = await event(lines)
    assert len(json.loads(second[1])) == len(json.loads(first[1])) + 1
    await served.end()


async def test_open_streams_do_not_keep_a_process_from_ending(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for patience in ("LEAVE_SECONDS", "STOP_SECONDS"):
        monkeypatch.setattr(http, patience, 300)  # as long as an end waits for what is in work
    served = Served(desk)
    url = f"{await served.ready}/live"
    async with (
        httpx.AsyncClient(headers=BEARER, timeout=60) as client,
        client.stream("GET", url) as answer,
    ):
        await event(answer.aiter_lines())
        async with asyncio.timeout(60):
            await served.end()


async def test_a_session_has_so_many_streams_and_the_oldest_gives_way(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST_PER_SESSION", 1)
    served = Served(desk)
    url = f"{await served.ready}/live"
    async with (
        httpx.AsyncClient(headers=BEARER, timeout=60) as client,
        client.stream("GET", url) as old,
    ):
        lines = old.aiter_lines()
        await event(lines)
        async with client.stream("GET", url) as new:
            await event(new.aiter_lines())
            async with asyncio.timeout(60):
                assert "event: full" in [line async for line in lines]
    await served.end()


async def test_a_stream_ends_with_its_session(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.1)
    served = Served(desk)
    address = await served.ready
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        assert (await client.get("/live")).status_code == 204
        await client.post("/sign-in", data={"token": TOKEN})
        async with client.stream("GET", "/live") as answer:
            lines = answer.aiter_lines()
            async with asyncio.timeout(30):
                while await anext(lines) != ": still here":
                    pass
                async with desk.database.transaction() as tx:
                    await tx.execute(text("DELETE FROM desk.sessions"))
                assert [line async for line in lines if line.startswith("id")] == []
    await served.end()


async def test_a_stream_that_is_busy_ends_with_its_session_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.3)
    monkeypatch.setattr(live, "LEAST_APART", 0.05)
    served = Served(desk)
    address = await served.ready

    async def keep_busy() -> None:
        while True:
            await desk.feed(*Journey().whole())
            await asyncio.sleep(0.05)

    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        await client.post("/sign-in", data={"token": TOKEN})
        busy = asyncio.create_task(keep_busy())
        async with client.stream("GET", "/live") as answer:
            lines = answer.aiter_lines()
            async with asyncio.timeout(30):
                while not (await anext(lines)).startswith("id"):
                    pass
                async with desk.database.transaction() as tx:
                    await tx.execute(text("DELETE FROM desk.sessions"))
                async for _ in lines:
                    pass
        busy.cancel()
    await served.end()


@pytest.mark.asyncio(loop_scope="module")
async def test_new_leads_are_told_quietly_and_the_list_stands_still(site: Site) -> None:
    page = await site.page()
    await expect(page.locator("#fresh")).to_be_hidden()
    first = page.locator("#leads > li").first
    before = await first.bounding_box()
    fresh = [Journey(datetime.now(UTC)) for _ in range(2)]
    await site.desk.feed(*(step for way in fresh for step in way.whole()))
    await expect(page.locator("#fresh")).to_have_text("۲ سرنخ تازه")
    assert await first.bounding_box() == before
    await page.click("#fresh")
    await expect(page.locator(f"[data-id='{fresh[0].lead_id}']")).to_be_visible()
    await expect(page.locator("#fresh")).to_be_hidden()


@pytest.mark.asyncio(loop_scope="module")
async def test_an_open_lead_follows_unless_somebody_types_in_it(site: Site) -> None:
    page = await site.page()
    await page.goto(f"{site.address}/leads/{site.way.lead_id}")
    now = datetime.now(UTC)
    told = Change("contacted", Text("از تلگرام تماس گرفت", "Called, by Telegram"), now, "sara")
    await site.desk.feed(site.way.routed(None, told, contacted_at=now))
    await expect(page.locator(".story")).to_contain_text("از تلگرام تماس گرفت")
    await page.fill("#note", "نیمه‌نوشته")
    told = Change("accepted", Text("از تلگرام پذیرفت", "Accepted, by Telegram"), now, "sara")
    await site.desk.feed(site.way.routed(None, told, accepted_at=now))
    await page.wait_for_timeout(2500)
    assert await page.input_value("#note") == "نیمه‌نوشته"
    await page.fill("#note", "")
    await page.locator("#note").blur()
    await expect(page.locator(".story")).to_contain_text("از تلگرام پذیرفت")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_long_message_leaves_room_for_the_call_and_stays_open_once_it_is(
    site: Site,
) -> None:
    way = Journey(datetime.now(UTC), message="سلام، فروشگاهی داریم و " * 3_000 + "پایان")
    await site.desk.feed(*way.whole())
    page = await site.page(viewport={"width": 360, "height": 740})
    await page.goto(f"{site.address}/leads/{way.lead_id}")
    call, places = page.locator(".button.call"), page.locator("nav.places")
    call_at, places_at = await call.bounding_box(), await places.bounding_box()
    assert call_at
    assert places_at
    assert call_at["y"] + call_at["height"] < places_at["y"]
    said = page.locator(".said")
    await said.get_by_text("همه را نشان بده").click()
    await expect(call).not_to_be_in_viewport()
    told = Change("contacted", Text("از تلگرام تماس گرفت", "Called, by Telegram"), way.at, "sara")
    await site.desk.feed(way.routed(None, told, contacted_at=way.at))
    await expect(page.locator(".story")).to_contain_text("از تلگرام تماس گرفت")
    assert "پایان" in await said.inner_text()
    await said.get_by_text("کوتاه کن").click()
    await expect(call).to_be_in_viewport()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_deadlines_clock_is_right_without_scripts_and_goes_on_with_them(site: Site) -> None:
    now = datetime.now(UTC)
    marks = (timedelta(minutes=minutes) for minutes in (-30, -5, 5, 10.5))
    await site.desk.feed(site.way.routed(None, deadline=Deadline(*(now + mark for mark in marks))))
    still = await site.page(java_script_enabled=False)
    chip = still.locator(".clock")
    await expect(chip).to_have_text("فقط ۱۰ دقیقه مانده")
    page = await site.page()
    await page.clock.install(time=now)
    await page.goto(site.address)
    chip = page.locator(".clock")
    for minutes, shown, level in (
        (1, "فقط ۹ دقیقه مانده", "half"),
        (5, "عجله! ۴ دقیقه مانده", "fifth"),
        (7, "۲ دقیقه دیر شده", "late"),
    ):
        await page.clock.run_for(minutes * 60_000)
        await expect(chip).to_have_text(shown)
        assert level in (await chip.get_attribute("class") or "")
