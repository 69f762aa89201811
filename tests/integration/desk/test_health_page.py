"""Health, what is held and dead letters: what is shown, and what staff do about it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

import httpx
import pytest
from msgspec import structs

from libs.common.events import Activity, Event
from libs.common.normal.text import persian
from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.journey import Journey, new

WIDER = """
organisation: {name: Nil Studio, time_zone: Asia/Tehran, country: IR, languages: [fa, en]}
sites: [{key: main, hosts: [nil.example], forms: [{key: contact}, {key: price}]}]
sources: [{key: partner, kind: json}]
teams:
  - {key: seo, name: {fa: سئو, en: SEO}, specialists: [{key: sara, name: سارا احمدی}]}
routing: {fallback: seo}
"""


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.client({"Accept": "text/html"}) as client:
        await client.post("/sign-in", data={"token": TOKEN})
        yield client


def said(kind: str, key: str, page: str | None = None, **data: Any) -> Event:
    now = datetime.now(UTC)
    activity = Activity(activity_id=new(), type=kind, at=now, page=page, data=data)
    return Event(id=activity.activity_id, key=key, time=now, data=activity)


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]


async def test_health_names_what_wants_somebody_and_nothing_else(desk: Desk) -> None:
    calm = await desk.get("/api/health", lang="en")
    assert (calm["verdict"], calm["signs"]) == ("Everything is in its place", [])
    assert {stage["stage"] for stage in calm["stages"]} >= {"enrichment", "routing", "desk"}
    way = Journey(datetime.now(UTC))
    posted = said("form.misaddressed", "f", "nil.example/contact", form="contcat", host="x.example")
    await desk.feed(
        way.enriched("quarantined"),
        Journey(datetime.now(UTC)).died(),
        posted,
        posted,
        said("source.paused", "partner", source="partner", reason="token_expired"),
    )
    found = await desk.get("/api/health", lang="en")
    assert found["held"] == {"suspected_bot": 1}
    assert found["dead_letters"] == {"scoring": 1}
    assert [(row["form"], row["posts"]) for row in found["misaddressed"]] == [("contcat", 1)]
    assert {sign["place"] for sign in found["signs"]} == {
        "/dead-letters",
        "/quarantine",
        "#misaddressed",
    }
    assert found["configuration"]["refused"] == []
    assert found["configuration"]["file"].endswith("sarnakh.yaml")


async def test_time_in_which_nobody_listened_makes_no_source_silent(desk: Desk) -> None:
    now = datetime.now(UTC)
    await desk.feed(*(Journey(now - timedelta(hours=60 + n)).captured() for n in range(12)))
    found = await desk.get("/api/health", lang="en")
    (contact,) = (one for one in found["sources"] if one["source"] == "contact")
    assert (contact["silent"], contact["alarm"], found["signs"]) == (False, None, [])


async def test_sources_say_how_they_are(desk: Desk) -> None:
    file = desk.runtime.configurations.path
    file.write_text(WIDER, encoding="utf-8")
    desk.runtime.configurations.__init__(file, desk.database)  # type: ignore[misc]  # a restart
    now = datetime.now(UTC)
    ways = [Journey(now - timedelta(hours=40 + n)) for n in range(12)]
    await desk.feed(
        *(way.captured() for way in ways),
        Journey(now).enriched("test"),
        said("source.paused", "partner", source="partner", reason="no_token"),
    )
    found = {one["source"]: one for one in (await desk.get("/api/health", lang="en"))["sources"]}
    assert (found["contact"]["silent"], found["contact"]["tests_today"]) == (False, 1)
    assert (found["price"]["last_seen"], found["price"]["silent"]) == (None, False)
    partner = found["partner"]
    assert (partner["unsigned"], partner["paused"]["why"]) == (True, "it has no access_token")
    await desk.feed(said("source.resumed", "partner", source="partner"))
    found = {one["source"]: one for one in (await desk.get("/api/health"))["sources"]}
    assert found["partner"]["paused"] is None


async def test_until_when_a_source_waits_and_its_token_lasts_is_said_in_both_languages(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    file = desk.runtime.configurations.path
    now, tehran = datetime.now(UTC), ZoneInfo("Asia/Tehran")
    ends = now.astimezone(tehran).date() + timedelta(days=2)
    token = f"access_token: t, token_expires: {ends}"
    file.write_text(WIDER.replace("kind: json", f"kind: json, {token}"), encoding="utf-8")
    desk.runtime.configurations.__init__(file, desk.database)  # type: ignore[misc]  # a restart
    until = (now + timedelta(minutes=40)).replace(second=0, microsecond=0)
    await desk.feed(said("source.waits", "partner", source="partner", until=until.isoformat()))
    health = await desk.get("/api/health", lang="en")
    partner = next(one for one in health["sources"] if one["source"] == "partner")
    assert partner["token"] == {"expires": ends.isoformat(), "days_left": 2}
    assert datetime.fromisoformat(partner["waits_until"]) == until
    assert "The source partner: its access token ends in 2 days" in [
        sign["text"] for sign in health["signs"] if sign["level"] == "bad"
    ]
    clock = f"{until.astimezone(tehran):%H:%M}"
    pages = {tongue: (await browser.get(f"/health?lang={tongue}")).text for tongue in ("fa", "en")}
    row = {tongue: page[page.index('id="sources"') :] for tongue, page in pages.items()}
    assert "رمز دسترسی ۲ روز دیگر تمام می‌شود" in row["fa"]
    assert re.search(f"سکو خواسته صبر کنیم تا <time [^>]*>[^<]*{persian(clock)}<", row["fa"])
    assert "its access token ends in 2 days" in row["en"]
    assert re.search(f"asked to wait until <time [^>]*>[^<]*{clock}<", row["en"])
    await desk.feed(said("source.paused", "partner", source="partner", reason="190"))
    en = (await browser.get("/health?lang=en")).text
    assert re.search(f"next look at <time [^>]*>[^<]*{clock}<", en)
    await desk.feed(said("source.resumed", "partner", source="partner"))
    en = (await browser.get("/health?lang=en")).text
    assert (clock in en[en.index('id="sources"') :], "asked to wait" in en) == (False, False)


async def test_a_refused_file_is_shown_with_its_line_in_both_languages(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    await desk.runtime.configurations.keep()
    watching = asyncio.create_task(desk.runtime.configurations.watch())
    file = desk.runtime.configurations.path
    file.write_text(file.read_text("utf-8") + "limits: {form_per_network: often}\n", "utf-8")
    async with asyncio.timeout(30):
        while not desk.runtime.configurations.refused:  # noqa: ASYNC110  # a deadline is over it
            await asyncio.sleep(0.05)
    watching.cancel()
    line = len(file.read_text("utf-8").splitlines())
    en = (await browser.get("/health?lang=en")).text
    assert "stays in force" in en
    assert f'line <b class="figures">{line}</b>' in en
    assert "limits.form_per_network" in en
    fa = (await browser.get("/health?lang=fa")).text
    assert "همان نسخهٔ پیشین برقرار است" in fa
    told = (await desk.get("/api/health", lang="en"))["configuration"]
    assert (told["version"], told["refused"][0]["line"]) == (1, line)


async def test_what_is_held_is_read_as_text_and_released_by_a_form(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    way = Journey(datetime.now(UTC))
    await desk.feed(way.captured(), way.enriched("quarantined"))
    listed = (await browser.get("/quarantine?lang=en")).text
    assert "نگار محمدی" in listed
    one = (await browser.get(f"/quarantine/{way.submission}?lang=en")).text
    assert "<script>" not in one.replace('<script src="', "")
    assert "&lt;script&gt;" in one
    raw = await browser.get(f"/quarantine/{way.submission}/raw")
    assert raw.headers["content-disposition"].startswith("attachment")
    refused = await browser.post(
        f"/quarantine/{way.submission}", data={"do": "release", "csrf": "x"}
    )
    assert refused.status_code == 403
    form = {"do": "release", "csrf": csrf(listed)}
    deciding = asyncio.create_task(browser.post(f"/quarantine/{way.submission}", data=form))
    (event,) = await desk.said()
    assert isinstance(event.data, Activity)
    assert event.data.type == "staff.released"
    await desk.feed(way.enriched("enriched", turn=1))
    assert (await deciding).headers["location"] == "/quarantine?done=released"
    assert "Nothing is held" in (await browser.get("/quarantine?done=released&lang=en")).text


async def test_a_discard_can_be_undone_for_a_moment(desk: Desk, browser: httpx.AsyncClient) -> None:
    way = Journey(datetime.now(UTC))
    await desk.feed(way.enriched("quarantined"))
    token = csrf((await browser.get("/quarantine")).text)
    form = {"do": "discard", "csrf": token}
    answer = await browser.post(f"/quarantine/{way.submission}", data=form)
    assert answer.headers["location"] == "/quarantine"
    assert desk.tape.records == []
    waiting = (await browser.get("/quarantine?lang=en")).text
    assert 'value="release"' not in waiting
    found = re.search(r'name="activity" value="([^"]+)"', waiting)
    assert found
    undone = await browser.post("/undo", data={"csrf": token, "activity": found[1]})
    assert undone.headers["location"] == "/quarantine"
    assert 'value="release"' in (await browser.get("/quarantine?lang=en")).text


async def test_a_dead_letter_is_read_and_sent_again_by_a_form(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    way = Journey(datetime.now(UTC))
    await desk.feed(way.died())
    letter = uuid5(UUID(way.submission), "scoring")
    listed = (await browser.get("/dead-letters?lang=en")).text
    one = (await browser.get(f"/dead-letters/{letter}?lang=en")).text
    assert "ZeroDivisionError" in one
    assert "original" in one
    answer = await browser.post(f"/dead-letters/{letter}", data={"csrf": csrf(listed)})
    assert answer.headers["location"] == "/dead-letters?done=replayed"
    assert len(desk.tape.records) == 1
    after = (await browser.get("/dead-letters?done=replayed&lang=en")).text
    assert "No dead letters" in after
    assert "Sent again" in after
    nothing = await browser.get(f"/dead-letters/{uuid5(NAMESPACE_URL, 'x')}")
    assert nothing.status_code == 404


async def test_a_source_whose_content_does_not_come_is_not_said_to_be_fine(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    file = desk.runtime.configurations.path
    file.write_text(WIDER, encoding="utf-8")
    desk.runtime.configurations.__init__(file, desk.database)  # type: ignore[misc]  # a restart
    now = datetime.now(UTC)
    for minutes, starved in ((0, False), (19, True)):
        way = Journey(now - timedelta(minutes=minutes))
        way.touch = structs.replace(way.touch, kind="webhook", source="partner")
        await desk.feed(way.enriched("hydrating"))
        page = (await browser.get("/health", params={"lang": "en"})).text
        assert "waiting for their content" in page
        assert ("has asked us to wait" in page) is starved
        assert ("longest wait: 19 min" in page) is starved
    signs = (await desk.get("/api/health", lang="en"))["signs"]
    assert "2 leads of partner without content so far" in str(signs)


async def test_what_a_platform_said_of_a_tokens_end_is_on_the_health_page(desk: Desk) -> None:
    file = desk.runtime.configurations.path
    file.write_text(WIDER.replace("kind: json", "kind: json, access_token: t"), encoding="utf-8")
    desk.runtime.configurations.__init__(file, desk.database)  # type: ignore[misc]  # a restart
    ends = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tehran")).date() + timedelta(days=20)
    word = {"source": "partner", "source_kind": "json"}
    newer = said("source.token_known", "partner", **word, expires=ends.isoformat())
    await desk.feed(newer)
    older = datetime.now(UTC) - timedelta(days=1)
    stale = Activity(new(), "source.token_known", older, data={**word, "expires": "2026-01-01"})
    await desk.feed(Event(id=stale.activity_id, key="partner", time=older, data=stale))
    found = {one["source"]: one for one in (await desk.get("/api/health"))["sources"]}
    assert found["partner"]["token"]["expires"] == ends.isoformat()
    await desk.feed(said("source.token_known", "partner", **word, expires=None))
    found = {one["source"]: one for one in (await desk.get("/api/health"))["sources"]}
    assert found["partner"]["token"] is None
