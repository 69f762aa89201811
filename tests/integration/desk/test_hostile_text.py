"""What visitors type is shown on every page of the desk, and executed on none."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from playwright.async_api import async_playwright

from libs.common.events import Activity, Event, LeadRouted, Note, SubmissionEnriched, Text
from libs.common.links import Grant, mint
from libs.common.serving.http import serve
from services.desk.web import api, app
from tests.hostile.markup import EVIL, looked
from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.journey import NOW, Journey, new

_KEPT = re.compile(r"[0-9a-f-]{32,64}|nil\.example/.*|[a-z_.-]{2,30}|\+989121234567", re.DOTALL)
"""Ids, the program's own words, and what decides the way."""


def hostile(value: Any) -> Any:
    """The same with our text in place of all text that is not the program's own."""
    if isinstance(value, str):
        return value if _KEPT.fullmatch(value) else EVIL
    if isinstance(value, msgspec.Struct):
        told = {f: hostile(getattr(value, f)) for f in value.__struct_fields__}
        return type(value)(**told)
    if isinstance(value, dict):
        typed = any(isinstance(each, str) for each in value.values())
        return {n: hostile(each) for n, each in value.items()} | ({EVIL: EVIL} if typed else {})
    if isinstance(value, tuple):
        return tuple(hostile(each) for each in value)
    return value


def events() -> tuple[Journey, Journey, list[Event]]:
    """Two ways through the system, whole, held and dead, on which everybody types markup."""
    one, held = Journey(), Journey()
    contact = msgspec.structs.replace(
        one.contact, extra={EVIL: EVIL, "list": [EVIL, {EVIL: EVIL}]}, handle=EVIL
    )
    one.contact = held.contact = hostile(contact)
    attribution = msgspec.structs.replace(
        one.attribution, referrer=EVIL, click_ids={"gclid": EVIL}, ad={"campaign_name": EVIL}
    )
    one.attribution = hostile(attribution)
    one.touch = msgspec.structs.replace(one.touch, source=EVIL, attribution=one.attribution)
    captured = one.captured()
    scan = Activity(new(), "form.misaddressed", NOW, page=f"nil.example/{EVIL}")
    told = [
        captured,
        one.enriched(notes=(Note("phone_read", Text(EVIL, EVIL)),)),
        one.scored(),
        one.routed(),
        one.settled("failed", None, error=EVIL),
        held.captured(),
        held.enriched("quarantined", raw=EVIL.encode(), reason=EVIL),
        one.died(),
        one.event(msgspec.structs.replace(scan, data={"form": EVIL, "host": EVIL})),
    ]
    return one, held, [_evil(event) for event in told]


def _evil(event: Event) -> Event:
    data = event.data
    if isinstance(data, LeadRouted | SubmissionEnriched):
        return msgspec.structs.replace(event, data=hostile(data))
    return event


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.client({"Accept": "text/html"}) as client:
        await client.post("/sign-in", data={"token": TOKEN})
        yield client


def paths(items: dict[str, str]) -> list[str]:
    """Every page and fragment that has an address."""
    parts = [part for part in vars(app)["_PARTS"] if part is not api]
    routes = [route for part in parts for route in part.router.routes if "GET" in route.methods]
    made = []
    for path in (route.path for route in routes if route.path != "/live"):
        value = next((value for name, value in items.items() if path.startswith(name)), "")
        made.append(re.sub(r"\{\w+\}", value, path))
    return made


async def test_invariant_23_no_page_has_a_tag_that_a_visitor_typed(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    one, held, told = events()
    await desk.feed(*told)
    found = paths(_items(one, held))
    assert len(found) > 12
    seen = 0
    for path in [*found, f"/?q={EVIL}", f"/?page={EVIL}", f"/?source={EVIL}&done={EVIL}"]:
        for headers in ({}, {"HX-Request": "true"}):
            answer = await browser.get(path, headers=headers)
            assert answer.status_code < 500, path
            assert "script-src 'self';" in answer.headers["content-security-policy"]
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            if answer.headers.get("content-type", "").startswith("text/html"):
                looked(answer.text, path)
                seen += "x-evil" in answer.text
    assert seen > 8, "pages that show what was typed"


async def test_invariant_23_an_address_that_asks_for_more_readers_gets_none(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    way = Journey(email="sara?bcc=everybody&body=x@evil.example", phone=None)
    await desk.feed(*way.whole())
    page = looked((await browser.get(f"/leads/{way.lead_id}")).text, "lead")
    (to,) = {place for place in page.links if place.startswith("mailto:")}
    assert to == "mailto:sara%3Fbcc%3Deverybody%26body%3Dx@evil.example"


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/%2e%2e", "/%5Cevil.example", "/x//evil.example"]
)
async def test_invariant_23_no_link_of_ours_leads_to_another_site(
    browser: httpx.AsyncClient, path: str
) -> None:
    answer = await browser.get(f"http://127.0.0.1:8080{path}")
    looked(answer.text, path)
    assert not answer.headers.get("location", "").startswith(("//", "http", "/\\"))


async def test_invariant_23_a_browser_runs_nothing_and_has_nothing_to_complain_of(
    desk: Desk, chromium: str
) -> None:
    one, held, told = events()
    await desk.feed(*told)
    stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
    server = asyncio.create_task(serve(desk.app, "127.0.0.1", 0, stop, ready.set_result))
    address = (await ready).rstrip("/")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = await browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.add_init_script("window.evil = () => { console.error('evil ran') }")
        await page.goto(f"{address}/sign-in?next=/%22%3E%3Cx-evil%3E")
        await page.fill("#token", TOKEN)
        await page.click("button.primary")
        own = [p for p in paths(_items(one, held)) if not p.endswith(("/raw", "/metrics"))]
        for path in own:
            await page.goto(f"{address}{path}")
            await page.wait_for_load_state("load")
            assert await page.locator("x-evil").count() == 0, path
        await browser.close()
    stop.set()
    await server
    assert not [said for said in complaints if "status of 4" not in said], complaints


def _items(one: Journey, held: Journey) -> dict[str, str]:
    grant = Grant(one.lead_id, new(), "sara", datetime.now(UTC) + timedelta(hours=1))
    letter = str(uuid.uuid5(uuid.UUID(one.submission), "scoring"))
    return {
        "/leads/": one.lead_id,
        "/quarantine/": held.submission,
        "/a/": mint(TOKEN, grant),
        "/dead-letters/": letter,
    }
