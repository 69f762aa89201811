"""The pages without a browser: the session, its cookie and token, and the plain forms."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import time_machine

import services.desk
from libs.common.events import Activity, Change, Text
from services.desk.acting import acting
from services.desk.store import held as held_store
from tests.integration.desk.conftest import ENOUGH, TOKEN, Desk
from tests.integration.desk.journey import NOW, Journey

STATIC = Path(services.desk.__file__).parent / "static"
FOREIGN = ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site", "Origin": "null"})


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has signed in."""
    async with desk.client({"Accept": "text/html"}) as client:
        answer = await client.post("/sign-in", data={"token": TOKEN})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        yield client


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, name
    return found[1]


async def test_a_stranger_is_shown_the_way_in_and_back(desk: Desk) -> None:
    async with desk.client({"Accept": "text/html"}) as client:
        answer = await client.get("/?state=won")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?next=%2F%3Fstate%3Dwon"
        wrong = await client.post("/sign-in", data={"token": "wrong"})
        assert wrong.status_code == 401
        assert "set-cookie" not in wrong.headers
        right = await client.post("/sign-in", data={"token": TOKEN, "next": "/?state=won"})
        assert right.headers["location"] == "/?state=won"
        assert (await client.get("/")).status_code == 200


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_the_way_on_is_never_another_sites(desk: Desk, onward: str) -> None:
    async with desk.client() as client:
        answer = await client.post("/sign-in", data={"token": TOKEN, "next": onward})
    assert answer.headers["location"] == "/"


async def test_the_cookie_is_plain_on_loopback_only(desk: Desk) -> None:
    async with desk.client() as client:
        near = await client.post("/sign-in", data={"token": TOKEN})
        far = await client.post("https://desk.nil.example/sign-in", data={"token": TOKEN})
        exposed = await client.post(
            "http://desk.nil.example/sign-in", data={"token": TOKEN}, headers={"Origin": "null"}
        )
    plain, secure = near.headers["set-cookie"], far.headers["set-cookie"]
    assert plain.startswith("sarnakh=")
    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    assert secure.startswith("__Host-sarnakh=")
    assert "Secure" in secure
    assert "Domain" not in secure
    assert exposed.status_code == 403


async def test_a_session_ends_when_idle_and_when_old(desk: Desk) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        async with desk.client() as client:
            await client.post("/sign-in", data={"token": TOKEN})
            for _ in range(15):
                clock.shift(timedelta(hours=11))
                assert (await client.get("/api/leads")).status_code == 200
            clock.shift(timedelta(hours=4))
            assert (await client.get("/api/leads")).status_code == 401
            await client.post("/sign-in", data={"token": TOKEN})
            clock.shift(timedelta(hours=13))
            assert (await client.get("/api/leads")).status_code == 401


async def test_signing_out_closes_the_session_on_our_side(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    cookie = browser.cookies["sarnakh"]
    token = hidden((await browser.get("/")).text, "csrf")
    assert (await browser.post("/sign-out", data={"csrf": token})).status_code == 303
    async with desk.client({"Cookie": f"sarnakh={cookie}"}) as thief:
        assert (await thief.get("/api/leads")).status_code == 401


@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_sites_page_acts_for_nobody(
    desk: Desk, browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    way = Journey()
    await desk.feed(*way.whole())
    token = hidden((await browser.get(f"/leads/{way.lead_id}")).text, "csrf")
    path = f"/leads/{way.lead_id}/actions"
    bare = await browser.post(path, data={"action": "accept"})
    forged = await browser.post(path, data={"action": "accept", "csrf": "0" * 64})
    sent = await browser.post(path, data={"action": "accept", "csrf": token}, headers=headers)
    assert (bare.status_code, forged.status_code, sent.status_code) == (403, 403, 403)
    by_script = await browser.post(f"/api{path}", json={"action": "accept"})
    assert by_script.status_code == 403
    assert desk.tape.records == []


async def test_a_plain_form_acts_once_and_returns_to_the_lead(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    way = Journey()
    await desk.feed(*way.whole())
    page = (await browser.get(f"/leads/{way.lead_id}")).text
    form = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "action": "accept"}
    path = f"/leads/{way.lead_id}/actions"
    asked = asyncio.create_task(browser.post(path, data=form))
    (said,) = await desk.said()
    assert isinstance(said.data, Activity)
    change = Change("accepted", Text("پذیرفت", "Accepted"), NOW, "staff", said.id)
    await desk.feed(way.routed(None, change, accepted_at=NOW))
    answer = await asked
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/leads/{way.lead_id}?done=settled"
    again = await browser.post(path, data=form)
    assert again.status_code == 303
    assert len(desk.tape.records) == 1
    shown = (await browser.get(answer.headers["location"])).text
    assert "ثبت شد." in shown
    assert "پذیرفت" in shown


async def test_a_browser_that_sends_a_form_again_has_not_reused_its_key(
    desk: Desk, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "PATIENCE", ENOUGH)
    way = Journey()
    await desk.feed(*way.whole())
    page = (await browser.get(f"/leads/{way.lead_id}")).text
    form = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "action": "snooze"}
    form["snooze_for"] = "tomorrow"
    path = f"/leads/{way.lead_id}/actions"
    assert [(await browser.post(path, data=form)).status_code for _ in range(2)] == [303, 303]
    assert len(await desk.said()) == 1
    other = await browser.post(path, data={**form, "snooze_for": "next_week"})
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("5", 5.0), ("۱٬۲۰۰٬۰۰۰", 1_200_000.0), ("1,200.5", 1200.5), ("۱۲٫۵", 12.5), (" ٣ ", 3.0)],
)
async def test_an_amount_is_read_as_people_write_it(
    desk: Desk,
    browser: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    amount: float,
) -> None:
    monkeypatch.setattr(acting, "PATIENCE", ENOUGH)
    way = Journey()
    await desk.feed(*way.whole())
    path = f"/leads/{way.lead_id}/actions"
    token = hidden((await browser.get(f"/leads/{way.lead_id}")).text, "csrf")
    await browser.post(path, data={"csrf": token, "action": "won", "amount": typed})
    (said,) = await desk.said()
    assert isinstance(said.data, Activity)
    assert said.data.data == {"amount": amount}
    for wrong in ("much", "-1", "inf", "nan", "1e999"):
        answer = await browser.post(path, data={"csrf": token, "action": "won", "amount": wrong})
        assert answer.status_code == 409, wrong
    assert len(desk.tape.records) == 1


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en-US", "en"),
        ("en-US,en;q=0.9,fa;q=0.8", "en"),
        ("fa-IR,en;q=0.5", "fa"),
        ("de, en;q=0.3", "en"),
        ("de", "fa"),
        ("", "fa"),
    ],
)
async def test_before_anybody_has_chosen_the_browsers_language_decides(
    desk: Desk, accepted: str, language: str
) -> None:
    async with desk.client({"Accept": "text/html", "Accept-Language": accepted}) as client:
        assert f'<html lang="{language}"' in (await client.get("/sign-in")).text
        assert '<html lang="fa"' in (await client.get("/sign-in?lang=fa")).text
        assert '<html lang="fa"' in (await client.get("/sign-in")).text


async def test_what_cannot_be_done_is_said_on_the_page(
    desk: Desk, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "PATIENCE", ENOUGH)
    way = Journey()
    await desk.feed(*way.whole())
    path = f"/leads/{way.lead_id}/actions"
    token = hidden((await browser.get(f"/leads/{way.lead_id}")).text, "csrf")
    bad = await browser.post(path, data={"csrf": token, "action": "lost"})
    assert bad.status_code == 409
    assert "انجام نشد" in bad.text
    assert "دلیل را بنویسید" in bad.text
    assert "needs a reason" not in bad.text
    slow = await browser.post(path, data={"csrf": token, "action": "accept"})
    assert slow.headers["location"].endswith("?done=pending")


async def test_nothing_a_visitor_typed_is_markup(desk: Desk, browser: httpx.AsyncClient) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    way = Journey(name=evil, message=evil, company=evil, extra={evil: evil})
    await desk.feed(*way.whole())
    for path in ("/", f"/leads/{way.lead_id}", f"/?q={evil}"):
        page = (await browser.get(path)).text
        assert "<script>alert" not in page
        assert "<img" not in page


@pytest.mark.parametrize(("language", "way"), [("fa", "rtl"), ("en", "ltr")])
async def test_each_page_is_whole_in_its_language(
    desk: Desk, browser: httpx.AsyncClient, language: str, way: str
) -> None:
    one = Journey()
    await desk.feed(*one.whole())
    for path in ("/", f"/leads/{one.lead_id}", "/nowhere", "/?state=odd", "/sign-in"):
        page = (await browser.get(path, params={"lang": language}, follow_redirects=True)).text
        assert f'<html lang="{language}" dir="{way}">' in page
    assert f'lang="{language}"' in (await browser.get("/")).text


async def test_an_empty_inbox_says_how_to_begin(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/")).text
    assert "http://127.0.0.1:8000/v1/forms/contact" in page


async def test_a_joined_leads_page_leads_on(desk: Desk, browser: httpx.AsyncClient) -> None:
    one, other = Journey(), Journey()
    await desk.feed(*one.whole(), other.routed(None, merged_into=one.lead_id))
    answer = await browser.get(f"/leads/{other.lead_id}")
    assert (answer.status_code, answer.headers["location"]) == (307, f"/leads/{one.lead_id}")


async def test_an_error_is_a_page_to_people_and_a_document_to_programs(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    page = await browser.get("/nowhere")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    document = await desk.api.get("/nowhere")
    assert document.headers["content-type"] == "application/problem+json"


def test_htmx_is_the_one_that_was_published() -> None:
    """htmx.org 4.0.1, dist/htmx.min.js of the npm package."""
    found = hashlib.sha256((STATIC / "htmx-4.0.1.min.js").read_bytes()).hexdigest()
    assert found == "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"


async def test_a_bug_is_answered_and_keeps_the_connection(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def bug(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(held_store, "newest", bug)
    transport = httpx.ASGITransport(desk.app, raise_app_exceptions=True)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, headers=headers) as client:
        answer = await client.get("http://127.0.0.1:8080/api/quarantine")
    assert answer.status_code == 500
    assert "connection" not in answer.headers
