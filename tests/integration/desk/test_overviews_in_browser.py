"""Board, map, health, what is held and dead letters in a real browser, as people use them."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Response, expect

from libs.common.database import Database
from libs.common.database.statements import text
from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.journey import Journey
from tests.integration.desk.serving import served
from tests.integration.desk.test_board import LIMITED, clock, given, paused, waiting
from tests.integration.desk.test_browser import APART, FIRST_LOAD_BYTES, Site, looked_at
from tests.integration.desk.test_health_page import said
from tests.integration.desk.test_sources import BODY, deliver

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILE = (
    LIMITED.replace("routing: {fallback: reception}", "routing:\n  fallback: reception")
    + """  rules: [{when: {stage: customer}, owner: keep}]
  pages: [{pattern: "nil.example/خدمات/سئو/*", team: seo}, {pattern: "nil.example/a/*", team: seo}]
sites: [{key: main, hosts: [nil.example], forms: [{key: contact}, {key: price}]}]
sources:
  - {key: partner, kind: json}
  - {key: ads, kind: meta, secret: s, access_token: t, token_expires: 2026-01-01}
  - {key: ig, kind: instagram, secret: s, access_token: t, token_expires: 1420-01-01}
qr:
  - {code: expo26, target: "https://nil.example/نمایشگاه", label: سالن ۶, campaign: پاییز}
"""
)
QUIET = text("""
    INSERT INTO desk.silences VALUES
        ('price', now() - interval '75 hours', interval '75 hours', now(),
         now() - interval '75 hours', now() - interval '5 hours', NULL, NULL),
        ('contact', now(), interval '0', now(), NULL, NULL,
         now() - interval '75 hours', now() - interval '1 hour')
""")
"""One source is quiet, and that was told; another was, and is heard again."""


@pytest_asyncio.fixture(loop_scope="module")
async def site(database_url: str, tmp_path: Path, modules_browser: Browser) -> AsyncIterator[Site]:
    """Something of everything that these pages show."""
    file = tmp_path / "sarnakh.yaml"
    file.write_text(FILE, encoding="utf-8")
    desk, now = Desk(Database(database_url), file), datetime.now(UTC)
    late, queued, held, died = (Journey(now - timedelta(minutes=n)) for n in range(4))
    await desk.feed(
        given(late, deadline=clock(now - timedelta(hours=3))),
        waiting(queued),
        given(Journey(now), "gone", accepted_at=now),
        held.captured(),
        held.enriched("quarantined"),
        died.died(),
        paused("staff.paused", now, key="mina"),
        said("source.paused", "partner", source="partner", reason="no_token"),
        said("source.waits", "ads", source="ads", until=(now + timedelta(minutes=40)).isoformat()),
        said("source.paused", "ig", source="ig", reason="190"),
        said("source.waits", "ig", source="ig", until=(now + timedelta(minutes=9)).isoformat()),
        said("form.misaddressed", "f", "nil.example/contact", form="contcat", host="nil.example"),
    )
    async with desk.database.transaction() as tx:
        await tx.execute(QUIET)
    async with served(desk, modules_browser) as address:
        yield Site(desk, held, modules_browser, address)


async def signed_in(site: Site, **context: Any) -> Page:
    opened = await site.browser.new_context(**{"locale": "fa-IR", **context})
    page = await opened.new_page()
    await page.goto(site.address)
    await page.fill("#token", TOKEN)
    await page.click("button.primary")
    await page.wait_for_load_state("load")
    return page


async def paths(site: Site) -> list[str]:
    letters = (await site.desk.get("/api/dead-letters"))["items"]
    await deliver(site.desk, BODY)
    return [
        "/board",
        "/map?url=nil.example/خدمات/سئو/محلی",
        "/map?url=mailto:x",
        "/codes",
        "/codes?code=tehran-1&target=https://nil.example/t&label=تهران",
        "/codes?code=expo26&target=https://nil.example/t",
        "/health",
        "/sources/partner",
        "/sources/partner?pick=phone&pick=name&pick=",
        "/sources/partner?pick=phone&pick=phone",
        "/sources/price",
        "/sources/contact",
        "/quarantine",
        f"/quarantine/{site.way.submission}",
        "/dead-letters",
        f"/dead-letters/{letters[0]['id']}",
    ]


@pytest.mark.parametrize(("language", "widths"), [("fa", (360, 1280)), ("en", (1280, 360))])
async def test_every_page_is_accessible_and_fits(
    site: Site, language: str, widths: Sequence[int]
) -> None:
    page = await signed_in(site, reduced_motion="reduce")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in await paths(site):
        joint = "&" if "?" in path else "?"
        answer = await looked_at(page, f"{site.address}{path}{joint}lang={language}", widths)
        assert answer
        assert answer.status == 200, path
    assert [one for one in complaints if "preload" not in one] == []


async def test_a_number_of_the_board_opens_its_leads_and_somebody_is_set_aside(site: Site) -> None:
    page = await signed_in(site)
    await page.goto(f"{site.address}/board?lang=en")
    await page.click(".totals a:has-text('Late')")
    await expect(page.locator("#leads > li")).to_have_count(1)
    await page.goto(f"{site.address}/board")
    await page.click("summary[aria-label='Pause: سارا احمدی']")
    setting = asyncio.create_task(site.desk.said())
    await page.click("form.sheet:visible button.primary", no_wait_after=True)
    await site.desk.feed(*await setting)
    await expect(page.locator(".notice.good")).to_contain_text("Paused")
    await expect(page.locator("tr", has_text="سارا احمدی")).to_contain_text("until")
    await expect(page.locator("button[aria-label='Resume: سارا احمدی']")).to_be_visible()


async def test_health_looks_again_by_itself_and_keeps_what_is_open(site: Site) -> None:
    page = await signed_in(site)
    await page.goto(f"{site.address}/health?lang=en")
    await page.click("#warnings summary")
    await site.desk.feed(
        said("form.misaddressed", "g", "nil.example/b", form="later", host="nil.example")
    )
    await expect(page.locator("#misaddressed")).to_contain_text("later")
    await expect(page.locator("#warnings li").first).to_be_visible()


async def test_every_page_is_light_and_asks_nobody_else(site: Site) -> None:
    page = await signed_in(site)
    for path in ("/", "/add", "/me", "/nowhere", *(await paths(site))):
        fresh = await page.context.new_page()
        loaded: list[Response] = []

        def keep(response: Response, into: list[Response] = loaded) -> None:
            into.append(response)

        fresh.on("response", keep)
        await fresh.goto(f"{site.address}{path}", wait_until="load")
        assert {"/".join(response.url.split("/")[:3]) for response in loaded} == {site.address}
        bodies = [await r.body() for r in loaded if r.request.resource_type not in APART]
        assert sum(len(gzip.compress(body)) for body in bodies) < FIRST_LOAD_BYTES
        await fresh.close()


async def test_without_javascript_everything_is_read_and_decided(site: Site) -> None:
    page = await signed_in(site, java_script_enabled=False)
    await page.goto(f"{site.address}/health?lang=en")
    await page.click("#held-title .more")
    await page.click("button[value=discard]")
    await expect(page.locator(".toast")).to_contain_text("Discarding")
    await page.click(".toast button")
    await expect(page.locator("button[value=release]")).to_be_visible()
    await page.goto(f"{site.address}/dead-letters")
    await page.click(".do button")
    await expect(page.locator(".notice.good")).to_contain_text("Sent again")
