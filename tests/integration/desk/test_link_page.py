"""The page behind a link, on a phone: both languages and schemes, without any script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, ViewportSize, async_playwright, expect

from libs.common import links
from libs.common.database import Database
from libs.common.events import Deadline, decode
from libs.common.serving.http import serve
from tests.integration.desk.conftest import FILE, TOKEN, Desk
from tests.integration.desk.journey import Journey
from tests.integration.desk.test_browser import SCHEMES, violations

PHONE: ViewportSize = {"width": 360, "height": 740}


class Page:
    """A desk with a lead, and the address that Sara got."""

    def __init__(self, desk: Desk, browser: Browser, address: str) -> None:
        self.desk, self.browser, self.address = desk, browser, address


@pytest.fixture
async def page(database: Database, tmp_path: Path, chromium: str) -> AsyncIterator[Page]:
    file = tmp_path / "sarnakh.yaml"
    file.write_text(FILE, encoding="utf-8")
    desk = Desk(database, file)
    now = datetime.now(UTC)
    way = Journey(now)
    await desk.feed(*way.whole())
    due = Deadline(*(now + timedelta(minutes=n) for n in (0, 5, 8, 10)))
    await desk.feed(way.routed(None, deadline=due))
    grant = links.Grant(way.lead_id, way.lead_id, "sara", now + links.VALID_FOR)
    stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
    server = asyncio.create_task(serve(desk.app, "127.0.0.1", 0, stop, ready.set_result))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        address = (await ready).rstrip("/")
        yield Page(desk, browser, f"{address}/a/{links.mint(TOKEN, grant)}")
        await browser.close()
    stop.set()
    await server
    await desk.api.aclose()


async def test_it_reads_well_on_a_phone_in_both_languages_and_schemes(
    page: Page, tmp_path: Path
) -> None:
    context = await page.browser.new_context(viewport=PHONE, reduced_motion="reduce")
    shown = await context.new_page()
    for language in ("fa", "en"):
        await shown.goto(f"{page.address}?lang={language}")
        wide = await shown.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"]
        for scheme in SCHEMES:
            await shown.emulate_media(color_scheme=scheme)
            await shown.screenshot(path=tmp_path / f"{language}-{scheme}.png", full_page=True)
            assert await violations(shown) == [], (language, scheme)


async def test_it_declines_without_any_script(page: Page) -> None:
    context = await page.browser.new_context(viewport=PHONE, java_script_enabled=False)
    shown = await context.new_page()
    await shown.goto(f"{page.address}?lang=en#decline")
    await shown.get_by_label("Not my field").check()
    await shown.get_by_role("button", name="Decline").click()
    await expect(shown.locator(".notice")).to_be_visible()
    [record] = page.desk.tape.records
    event = decode(record)
    assert getattr(event.data, "data", {})["reason"] == "Not my field"
    await context.close()
