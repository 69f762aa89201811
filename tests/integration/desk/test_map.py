"""The map: what the read model has, under the patterns of the configuration in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from libs.common.database import Database
from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.journey import Journey

FILE = """
organisation: {name: Nil Studio, languages: [fa, en]}
teams:
  - {key: seo, name: {fa: سئو, en: SEO}, specialists: [{key: sara, name: سارا احمدی}]}
  - {key: reception, name: {fa: پذیرش, en: Reception}, specialists: [{key: mina, name: مینا صادقی}]}
routing:
  fallback: reception
  pages: [{pattern: "nil.example/خدمات/سئو/*", team: seo}]
"""


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> Desk:
    file = tmp_path / "sarnakh.yaml"
    file.write_text(FILE, encoding="utf-8")
    return Desk(database, file)


async def arrived(desk: Desk, page: str | None, days: float = 0) -> None:
    way = Journey(datetime.now(UTC) - timedelta(days=days))
    way.attribution = msgspec.structs.replace(way.attribution, page=page)
    await desk.feed(way.routed())


async def test_the_map_counts_the_last_thirty_days_and_says_what_is_astray(desk: Desk) -> None:
    for page, days in [
        ("nil.example/خدمات/سئو/محلی", 1),
        ("nil.example/خدمات/سئو", 29),
        ("nil.example/خدمات/سئو", 31),
        ("nil.example/about", 0),
        (None, 0),
    ]:
        await arrived(desk, page, days)
    found = await desk.get("/api/map", url="https://nil.example/about/us?phone=1")
    (flow,) = found["patterns"]
    assert (flow["team"], flow["leads"]) == ("seo", 2)
    assert {one["page"] for one in flow["pages"]} == {
        "nil.example/خدمات/سئو",
        "nil.example/خدمات/سئو/محلی",
    }
    assert (found["coverage"], found["no_page"]) == (2 / 3, 1)
    assert [one["page"] for one in found["unmapped"]] == ["nil.example/about"]
    assert (found["goes"]["page"], found["goes"]["team"]) == ("nil.example/about/us", "reception")
    await desk.api.aclose()


async def test_the_page_escapes_what_is_pasted_and_knows_what_is_no_page(desk: Desk) -> None:
    async with desk.client({"Accept": "text/html"}) as browser:
        await browser.post("/sign-in", data={"token": TOKEN})
        empty = await browser.get("/map", params={"lang": "en"})
        assert "no pages" not in empty.text
        odd = await browser.get("/map", params={"url": '"><script>alert(1)</script>', "lang": "en"})
        assert odd.status_code == 200
        assert "<script>alert" not in odd.text
        assert "not a page" in odd.text
        good = await browser.get("/map", params={"url": "nil.example/خدمات/سئو/x", "lang": "fa"})
        assert "می‌رود به" in good.text
        assert "<strong>سئو</strong>" in good.text
        too_long = await browser.get("/map", params={"url": "x" * 5000})
        assert too_long.status_code == 422
    await desk.api.aclose()


async def test_strangers_see_no_page_of_it(desk: Desk) -> None:
    transport = httpx.ASGITransport(desk.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as nobody:
        for path in ("/board", "/map", "/health", "/quarantine", "/dead-letters"):
            answer = await nobody.get(path, headers={"Accept": "text/html"})
            assert (answer.status_code, answer.headers["location"][:9]) == (303, "/sign-in?")
        for path in ("board", "map", "health"):
            assert (await nobody.get(f"/api/{path}")).status_code == 401
    await desk.api.aclose()
