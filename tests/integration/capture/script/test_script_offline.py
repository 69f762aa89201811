"""The script where the way is broken: what a visitor has sent arrives in the end, and once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.fixtures.capture.landing import Landing, a_number, landing
from tests.fixtures.capture.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORM = '<form data-sarnakh="contact"{more}><input name="phone" type="tel"><button>x</button></form>'
POSTS = "**/v1/forms/*"
KEPT = "Object.keys(localStorage).filter((name) => name.startsWith('sarnakh:post:')).length"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(chromium: str, tmp_path_factory: Any) -> AsyncIterator[Landing]:
    async with landing(chromium, Path(tmp_path_factory.mktemp("capture"))) as made:
        async with made.capturing():
            pass  # the port is known from here on
        yield made


def page_of(at: Landing, path: str, more: str = "", **attributes: str) -> str:
    return at.site.put(path, FORM.format(more=more) + at.script(**attributes), lang="en")


async def send(page: Page, phone: str) -> None:
    await page.fill("[name=phone]", phone)
    await page.click("button")


async def says(page: Page, words: str) -> None:
    await expect(page.locator(".sarnakh-status")).to_contain_text(words)


async def nothing_is_kept(page: Page) -> None:
    await page.wait_for_function(f"{KEPT} === 0")


async def test_offline_it_is_kept_and_goes_once_there_is_a_network(at: Landing) -> None:
    url, phone = page_of(at, "/offline"), a_number()
    async with at.capturing(), at.visit(url) as page:
        await page.evaluate("addEventListener('sarnakh:sent', () => { window.heard = 1 })")
        await page.context.set_offline(True)
        for _ in range(4):  # after the fourth it would wait for twelve seconds by itself
            await send(page, phone)
            await expect(page.locator("[name=phone]")).to_have_value("")
            await says(page, "We have kept it")
        assert await page.evaluate(KEPT) == 1
        await page.context.set_offline(False)
        await says(page, "Thank you")
        assert await page.evaluate("heard") == 1
        await at.one(phone)
        await nothing_is_kept(page)


async def test_capture_is_down_and_comes_back_while_another_page_is_seen(at: Landing) -> None:
    url, phone = page_of(at, "/down"), a_number()
    async with at.context() as context:
        async with at.capturing():
            page = await context.new_page()
            await page.goto(url)
        await send(page, phone)
        await says(page, "We have kept it")
        await send(page, phone)  # the same again is the same post
        await says(page, "We have kept it")
        assert await page.evaluate(KEPT) == 1
        await page.close()
        async with at.capturing():
            page = await context.new_page()
            await page.goto(url)
            await nothing_is_kept(page)
            await at.one(phone)


_DIES_WITH_THE_PAGE = """const send = window.fetch;
window.fetch = (url, options) => send(url, {...options, keepalive: false});"""


async def crash(page: Page) -> None:
    """End its process, as a phone does that is short of memory."""
    gone = asyncio.Event()
    page.on("crash", lambda _page: gone.set())
    session = await page.context.new_cdp_session(page)
    dying = asyncio.ensure_future(session.send("Page.crash"))
    await gone.wait()
    dying.cancel()


@pytest.mark.parametrize(("is_taken", "crashes"), [(False, True), (True, False)])
async def test_the_page_is_killed_while_it_sends(
    at: Landing, *, is_taken: bool, crashes: bool
) -> None:
    url, phone = page_of(at, f"/killed-{is_taken}"), a_number()
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        if is_taken:
            await route.fetch()
        held.set()

    async with at.capturing(), at.context() as context:
        page = await context.new_page()
        await page.add_init_script(_DIES_WITH_THE_PAGE)
        await page.route(POSTS, hold)
        await page.goto(url)
        await send(page, phone)
        await held.wait()
        if crashes:
            await crash(page)
        await page.close()
        assert bool(at.sent(phone)) == is_taken  # maybe twice: a slow page tries again, as one post
        page = await context.new_page()
        await page.goto(url)
        await nothing_is_kept(page)
        await at.one(phone)


@pytest.mark.parametrize("status", [429, 503])
async def test_who_is_told_to_wait_waits_and_sends_under_the_same_key(
    at: Landing, status: int
) -> None:
    url, phone = page_of(at, f"/told-{status}"), a_number()
    tries: list[tuple[float, str | None, str | None]] = []

    async def refuse(route: Route) -> None:
        if route.request.method == "POST":
            key = await route.request.header_value("idempotency-key")
            tries.append((time.monotonic(), key, route.request.post_data))
        if len(tries) > 1:
            await route.fallback()
            return
        cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
        shown = {"Access-Control-Expose-Headers": "retry-after", "Retry-After": "2"}
        await route.fulfill(status=status, headers=cors | shown, body="{}")

    async with at.capturing(), at.visit(url) as page:
        await page.route(POSTS, refuse)
        await send(page, phone)
        await says(page, "We have kept it")
        await page.evaluate("dispatchEvent(new Event('online'))")  # hurries nobody who was told
        await says(page, "Thank you")
        await at.one(phone)
        await page.wait_for_function(f"{KEPT} === 0")
    assert len(tries) == 2
    assert tries[0][1:] == tries[1][1:]
    assert tries[1][0] - tries[0][0] > 1.9


async def test_a_form_of_the_pages_own_leaves_the_page_and_both_have_it(at: Landing) -> None:
    url = page_of(at, "/own", ' action="/own-thanks" method="post"')
    phone = a_number()
    async with at.capturing(), at.visit(url) as page:
        await send(page, phone)
        await page.wait_for_url("**/own-thanks")
        await at.one(phone)
        assert any(path == "/own-thanks" and phone in raw for path, raw in at.site.posted)
        await page.goto(url)
        await nothing_is_kept(page)
        await at.one(phone)


async def test_a_browser_that_cannot_keep_a_request_alive_sends_a_beacon(at: Landing) -> None:
    url, phone = page_of(at, "/beacon"), a_number()
    async with at.capturing(), at.context() as context:
        await context.add_init_script(
            "delete Request.prototype.keepalive; window.fetch = () => new Promise(() => {})"
        )
        page = await context.new_page()
        await page.goto(url)
        await send(page, phone)
        await page.goto(at.site.url + "/elsewhere")
        lead = await at.one(phone)
        assert (lead.key_owner, lead.content_type) == ("ours", "text/plain;charset=UTF-8")


@pytest.mark.parametrize("locks", [True, False])
async def test_of_several_tabs_one_sends_what_was_kept(at: Landing, *, locks: bool) -> None:
    url, phones = page_of(at, f"/tabs-{locks}"), [a_number() for _ in range(2)]
    async with at.context() as context:
        if not locks:
            await context.add_init_script("delete Navigator.prototype.locks")
        async with at.capturing():
            tabs = [await context.new_page() for _ in phones]
            for tab in tabs:
                await tab.goto(url)
            await context.set_offline(True)
            for tab, phone in zip(tabs, phones, strict=True):
                await send(tab, phone)
                await says(tab, "We have kept it")
            await context.set_offline(False)
            for phone in phones:
                await at.one(phone)
            await nothing_is_kept(tabs[0])
        assert [len(at.sent(phone)) for phone in phones] == [1, 1]


async def test_twenty_are_kept_and_none_of_them_makes_room_for_another(at: Landing) -> None:
    url, phones = page_of(at, "/full"), [a_number() for _ in range(21)]
    async with at.capturing(), at.visit(url) as page:
        await page.context.set_offline(True)
        for phone in phones[:20]:
            await send(page, phone)
            await says(page, "We have kept it")
        await send(page, phones[20])
        await says(page, "keep this page open")
        assert await page.input_value("[name=phone]") == phones[20]
        assert await page.evaluate(KEPT) == 20
        await page.context.set_offline(False)
        await nothing_is_kept(page)
        await until(lambda: bool(at.sent(phones[20])))
        assert all(len(at.sent(phone)) == 1 for phone in phones)


async def test_after_a_week_the_page_is_told_and_nothing_goes_silently(at: Landing) -> None:
    url, phone = page_of(at, "/old"), a_number()
    heard = "addEventListener('sarnakh:refused', (e) => { window.heard = e.detail })"
    week = "const now = Date.now; Date.now = () => now() + 8 * 864e5;"
    async with at.context() as context, at.capturing():
        page = await context.new_page()
        await page.goto(url)
        await page.route(POSTS, lambda route: route.abort())
        await send(page, phone)
        await says(page, "We have kept it")
        await page.close()
        page = await context.new_page()
        await page.add_init_script(week + heard)
        await page.route(POSTS, lambda route: route.abort())
        await page.goto(url)
        await page.wait_for_function("window.heard")
        told = await page.evaluate("heard")
        await nothing_is_kept(page)
    assert (told["expired"], told["values"]["phone"]) == (True, phone)


async def test_a_host_that_nobody_configured_loses_nobody(at: Landing) -> None:
    url, phone = page_of(at, "/unnamed"), a_number()
    async with at.capturing(), at.visit(url.replace("127.0.0.1", "localhost")) as page:
        await send(page, phone)
        await says(page, "We have kept it")
        lead = await at.one(phone)
    assert "foreign_origin" in lead.signs


async def test_a_policy_that_only_reports_bars_nobody(at: Landing) -> None:
    action = f' action="{at.capture}/v1/forms/contact" method="post"'
    url, phone = page_of(at, "/reported", action), a_number()
    at.site.pages["/reported"][1]["Content-Security-Policy-Report-Only"] = "connect-src 'self'"
    async with at.capturing(), at.visit(url) as page:
        await send(page, phone)
        await says(page, "Thank you")
        await at.one(phone)
        assert page.url == url


async def test_a_policy_that_bars_us_leaves_the_form_to_the_browser(at: Landing) -> None:
    action = f' action="{at.capture}/v1/forms/contact" method="post"'
    url, phone = page_of(at, "/barred", action), a_number()
    policy = f"script-src {at.capture}; connect-src 'self'"
    at.site.pages["/barred"][1]["Content-Security-Policy"] = policy
    async with at.capturing(), at.visit(url) as page:
        await send(page, phone)
        await page.wait_for_url("**/v1/forms/contact/thanks")
        await at.one(phone)
