"""A list brought by the page, in both languages, at a phone's width, and by the keyboard alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from libs.common.database import Database
from services.desk.imports import working
from tests.integration.desk.conftest import FILE, TOKEN, Desk
from tests.integration.desk.importing import LIST, Imports
from tests.integration.desk.serving import served
from tests.integration.desk.test_browser import Site, violations

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Lists(Site):
    """The desk as it is served, with an import's worker that the test runs."""

    def __init__(self, made: Imports, browser: Any, address: str) -> None:
        super().__init__(made.desk, None, browser, address)  # type: ignore[arg-type]  # no lead is looked at
        self.made = made


@pytest_asyncio.fixture(loop_scope="module")
async def site(
    database_url: str, tmp_path: Path, modules_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Lists]:
    monkeypatch.setattr(working, "LOOK_SECONDS", 0.01)
    file = tmp_path / "sarnakh.yaml"
    pages = "pages: [{pattern: 'nil.example/expo/*', team: seo}]"
    file.write_text(
        FILE.replace("{fallback: reception}", f"{{fallback: reception, {pages}}}"),
        encoding="utf-8",
    )
    made = Imports(Desk(Database(database_url), file))
    async with served(made.desk, modules_browser) as address:
        yield Lists(made, modules_browser, address)


async def opened(site: Lists, language: str, width: int, complaints: list[str]) -> Page:
    context = await site.browser.new_context(viewport={"width": width, "height": 740})
    page = await context.new_page()
    page.on("console", lambda one: complaints.append(one.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(site.address)
    await page.fill("#token", TOKEN)
    await page.click("button.primary")
    await page.goto(f"{site.address}/add?lang={language}")
    await page.click("a[href='/imports']")
    return page


async def fits(page: Page, width: int) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") == width, page.url
    assert await violations(page) == [], page.url


@pytest.mark.parametrize(
    ("language", "width", "ready", "done"),
    [
        ("fa", 360, "وارد کردن ۲ ردیف تازه", "تمام شد"),
        ("en", 1280, "Put in 2 new rows", "Done"),
    ],
)
async def test_a_list_is_brought_looked_at_and_put_in(
    site: Lists, language: str, width: int, ready: str, done: str
) -> None:
    complaints: list[str] = []
    page = await opened(site, language, width, complaints)
    await fits(page, width)
    named = {"name": "مشتریان.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    await page.set_input_files("input[type=file]", named)  # type: ignore[arg-type]  # a FilePayload
    await page.focus("button.primary")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("مشتریان.csv")
    await expect(page.locator("select[name=column-2]")).to_have_value("phone")
    await expect(page.locator(".left li").first).to_contain_text("+989121234567")
    await fits(page, width)

    await page.check("input[value=bought_list]")
    await page.fill("input[name=source]", "expo")
    await page.click("button[value=check]")
    await expect(page.locator("progress")).to_be_visible()
    await site.made.working.turn()
    await expect(page.locator("button[value=start]")).to_have_text(ready)
    await fits(page, width)
    await page.click("summary >> nth=0")
    await expect(page.locator("section .left li")).to_have_count(3)
    async with page.expect_download() as downloading:
        await page.click("a[download]")
    saved = (await (await downloading.value).path()).read_text(encoding="utf-8-sig")
    assert "بی‌نشان" in saved

    await page.click("button[value=start]")
    await expect(page.locator("button[value=stop]")).to_be_visible()
    await fits(page, width)
    await site.made.turn()
    await expect(page.locator(".head .chip")).to_have_text(done)
    await fits(page, width)
    assert [lead.source for lead in site.made.captured()] == ["expo", "expo"]
    assert [one for one in complaints if "preload" not in one] == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fa", "شناسهٔ ردیفی پیش‌تر: ۱"),
        ("en", "handle of an earlier line: 1"),
    ],
)
async def test_a_check_says_how_many_rows_have_a_contact_of_an_earlier_one(
    site: Lists, language: str, said: str
) -> None:
    page = await opened(site, language, 360, [])
    rows = "name,phone\nA,09121234567\nB,+989121234567\n"
    named = {"name": "x.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    await page.set_input_files("input[type=file]", named)  # type: ignore[arg-type]  # a FilePayload
    await page.click("button.primary")
    await page.check("input[value=bought_list]")
    await page.click("button[value=check]")
    await expect(page.locator("progress")).to_be_visible()
    await site.made.working.turn()
    await expect(page.locator("section[aria-labelledby=counts]")).to_contain_text(said)
    await fits(page, 360)


async def test_what_is_no_list_is_said_on_the_page_and_a_basis_is_required(site: Lists) -> None:
    page = await opened(site, "en", 360, [])
    wrong = {"name": "x.xlsx", "mimeType": "text/plain", "buffer": b"<html><table>"}
    await page.set_input_files("input[type=file]", wrong)  # type: ignore[arg-type]  # a FilePayload
    await page.click("button.primary")
    await expect(page.locator("[role=alert]")).to_contain_text("really a web page")
    named = {"name": "a.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    await page.set_input_files("input[type=file]", named)  # type: ignore[arg-type]  # a FilePayload
    await page.click("button.primary")
    await page.check("input[value=bought_list]")
    await page.select_option("select[name=temperature]", "scored")
    await page.select_option("select[name=column-4]", "company")
    await page.click("button[value=check]")
    await expect(page.locator("[role=alert]")).to_contain_text("always cold")
    await expect(page.locator("select[name=column-4]")).to_have_value("company")
    await fits(page, 360)
