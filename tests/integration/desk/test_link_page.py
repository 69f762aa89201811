"""The page behind a link, on a phone: both languages and schemes, without any script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize, expect

from libs.common import links
from libs.common.database import Database
from libs.common.events import Deadline, decode
from tests.integration.desk.conftest import FILE, TOKEN, Desk
from tests.integration.desk.journey import Journey
from tests.integration.desk.serving import served
from tests.integration.desk.test_browser import SCHEMES, violations

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE: ViewportSize = {"width": 360, "height": 740}


class Page:
    """A desk with a lead, and the address that Sara got."""

    def __init__(self, desk: Desk, browser: Browser, address: str) -> None:
        self.desk, self.browser, self.address = desk, browser, address


@pytest_asyncio.fixture(loop_scope="module")
async def page(database_url: str, tmp_path: Path, modules_browser: Browser) -> AsyncIterator[Page]:
    file = tmp_path / "sarnakh.yaml"
    file.write_text(FILE, encoding="utf-8")
    desk = Desk(Database(database_url), file)
    now = datetime.now(UTC)
    way = Journey(now)
    await desk.feed(*way.whole())
    due = Deadline(*(now + timedelta(minutes=n) for n in (0, 5, 8, 10)))
    await desk.feed(way.routed(None, deadline=due))
    grant = links.Grant(way.lead_id, way.lead_id, "sara", now + links.VALID_FOR)
    async with served(desk, modules_browser) as address:
        yield Page(desk, modules_browser, f"{address}/a/{links.mint(TOKEN, grant)}")


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
