"""The health page tells how each source compares with its platform's list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from libs.common.events import Activity, Event
from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.journey import new

FILE = """
organisation: {name: Nil Studio, time_zone: Asia/Tehran, country: IR, languages: [fa, en]}
sources: [{key: ads, kind: meta, secret: s, verify_token: v, access_token: t}]
teams: [{key: seo, name: SEO, specialists: [{key: sara, name: Sara}]}]
routing: {fallback: seo}
"""
FOUND = {"source": "ads", "compared": 40, "missing": 3, "late": 2, "repeated": 1, "days": 7}


def told(minutes: float, **more: str) -> Event:
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    word = Activity(new(), "source.reconciled", at, data=FOUND | more)
    return Event(id=word.activity_id, key="ads", time=at, data=word)


def configure(desk: Desk, text: str) -> None:
    file = desk.runtime.configurations.path
    file.write_text(text, "utf-8")
    desk.runtime.configurations.__init__(file, desk.database)  # type: ignore[misc]  # a restart


async def test_health_tells_what_came_by_list_late_or_again(desk: Desk) -> None:
    configure(desk, FILE)
    newer = told(1, trouble="http_403")
    await desk.feed(newer, told(5))
    health = await desk.get("/api/health", lang="en")
    (ads,) = [one for one in health["sources"] if one["source"] == "ads"]
    at = datetime.fromisoformat(ads["reconciled"].pop("at"))
    assert abs(at - newer.time) < timedelta(seconds=1)
    counts = {name: FOUND[name] for name in ("compared", "missing", "late", "repeated", "days")}
    assert ads["reconciled"] == {**counts, "trouble": "http_403"}
    texts = [sign["text"] for sign in health["signs"]]
    assert any(text.startswith("3 leads of ads in the last 7 days") for text in texts)
    async with desk.client({"Accept": "text/html"}) as browser:
        await browser.post("/sign-in", data={"token": TOKEN})
        fa = (await browser.get("/health?lang=fa")).text
        en = (await browser.get("/health?lang=en")).text
    assert "سنجش با فهرست سکو" in fa
    assert "فقط از فهرست آمده" in fa
    assert "by the list only" in en
    assert "its list cannot be read" in en
    row = en[en.index('id="sources"') :]
    assert "Fine" not in row


async def test_a_source_that_is_not_compared_any_more_says_nothing_of_it(desk: Desk) -> None:
    configure(desk, FILE.replace("access_token: t", "access_token: t, reconcile: off"))
    await desk.feed(told(1))
    health = await desk.get("/api/health", lang="en")
    (ads,) = [one for one in health["sources"] if one["source"] == "ads"]
    assert ads["reconciled"] is None
    assert not any("ads" in sign["text"] for sign in health["signs"])
