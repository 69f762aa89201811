"""A tablet at a booth in Chromium: three people are three leads, also without a connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from services.capture.reading.kiosk import BESIDE
from tests.fixtures.capture import landing as landings
from tests.fixtures.capture.landing import Landing, a_number, landing
from tests.fixtures.capture.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = Path(__file__).parents[2] / "fixtures" / "axe" / "axe-4.14.1.min.js"
CODE = """qr:
  - {{code: booth, target: "https://nil.example/expo", label: سالن ۶, campaign: پاییز, booth: ۱۲ب}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(chromium: str, tmp_path_factory: Any) -> AsyncIterator[Landing]:
    folder = Path(tmp_path_factory.mktemp("kiosk"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(landings, "CONFIGURATION", landings.CONFIGURATION + CODE)
        async with landing(chromium, folder) as made, made.capturing():
            yield made


async def fill(page: Page, phone: str, name: str = "") -> None:
    await page.fill("[name=name]", name)
    await page.fill("[name=phone]", phone)
    await page.click("[type=submit]")
    await expect(page.locator("#thanks")).to_be_visible()
    await page.click("#thanks button")
    await expect(page.locator("form")).to_be_visible()


@pytest.mark.parametrize(("language", "width"), [("fa", 360), ("en", 1024)])
async def test_the_page_is_accessible_and_fits(at: Landing, language: str, width: int) -> None:
    url = f"{at.capture}/kiosk/contact?code=booth&lang={language}"
    async with at.visit(url, viewport={"width": width, "height": 800}) as page:
        assert await page.evaluate("document.documentElement.scrollWidth") == width
        assert await page.evaluate("document.documentElement.dir") == (
            "rtl" if language == "fa" else "ltr"
        )
        await page.evaluate(AXE.read_text("utf-8"))
        assert (await page.evaluate("axe.run()"))["violations"] == []


async def test_three_people_are_three_leads_and_leave_nothing_behind(at: Landing) -> None:
    phones = [a_number() for _ in range(3)]
    async with at.visit(f"{at.capture}/kiosk/contact?code=booth") as page:
        for place, phone in enumerate(phones):
            await fill(page, phone, f"نفر {place}")
            assert await page.input_value("[name=phone]") == ""
            assert await page.input_value("[name=name]") == ""
        assert await page.context.cookies() == []
        assert await page.evaluate("localStorage.length") == 0
    leads = [await at.one(phone) for phone in phones]
    assert len({lead.submission_id for lead in leads}) == 3
    for lead in leads:
        assert lead.attribution.visitor_id is None
        assert lead.attribution.page_url == "https://nil.example/expo"
        assert lead.attribution.utm == {"campaign": "پاییز", "medium": "kiosk"}
        assert (lead.attribution.qr, lead.attribution.scan) == ("booth", None)
        assert lead.extra == lead.extra | {"booth": "۱۲ب", "label": "سالن ۶"}
        assert BESIDE not in lead.extra
        assert set(lead.signs) <= {"too_fast"}  # as the test's fingers are


async def test_who_comes_while_there_is_no_connection_is_sent_later(at: Landing) -> None:
    phones = [a_number() for _ in range(2)]
    async with at.visit(f"{at.capture}/kiosk/contact") as page:
        await page.context.set_offline(offline=True)
        for phone in phones:
            await fill(page, phone)
        assert not any(at.sent(phone) for phone in phones)
        await page.fill("[name=phone]", "somebody who types meanwhile")
        await page.context.set_offline(offline=False)
        for phone in phones:
            await at.one(phone)
        await until(lambda: all(at.sent(phone) for phone in phones))
        assert await page.input_value("[name=phone]") == "somebody who types meanwhile"
        await expect(page.locator("#thanks")).to_be_hidden()


async def test_who_leaves_no_way_to_be_reached_is_asked_again(at: Landing) -> None:
    async with at.visit(f"{at.capture}/kiosk/contact") as page:
        await page.fill("[name=name]", "نام تنها")
        await page.click("[type=submit]")
        await expect(page.locator("#told")).to_be_visible()
        assert await page.input_value("[name=name]") == "نام تنها"


async def test_unknown_forms_and_codes_are_not_there(at: Landing) -> None:
    async with httpx.AsyncClient(base_url=at.capture) as http:
        for path in ("/kiosk/none", "/kiosk/contact?code=none", "/kiosk/", "/kiosk/contact/x"):
            answer = await http.get(path, headers={"Accept": "text/html"})
            assert answer.status_code == 404, path
        page = await http.get("/kiosk/contact")
        assert "set-cookie" not in page.headers
        assert "unsafe" not in page.headers["content-security-policy"]
        assert (await http.post("/kiosk/contact")).status_code == 405
