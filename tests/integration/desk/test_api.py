"""The JSON API: who may call it, what it lists, and how it says no."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.journey import NOW, Journey, new

NOBODY = "3f0c8f5e-94c1-4d5f-8f0a-6f1f9f0d3a11"
PATHS = (
    "/api/leads",
    f"/api/leads/{NOBODY}",
    f"/api/submissions/{NOBODY}",
    "/api/quarantine",
    "/api/dead-letters",
    "/api/books",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Bearer تو", f"Basic {TOKEN}"])
async def test_nothing_is_told_without_the_token(
    desk: Desk, path: str, authorization: str | None
) -> None:
    headers = [(b"Authorization", authorization.encode())] if authorization else []
    async with desk.client() as stranger:
        answer = await stranger.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 401


@pytest.mark.parametrize("item", [NOBODY, "not-an-id", "%00", "١٢٣"])
@pytest.mark.parametrize("kind", ["leads", "submissions", "dead-letters"])
async def test_an_unknown_id_is_not_found(desk: Desk, kind: str, item: str) -> None:
    answer = await desk.api.get(f"/api/{kind}/{item}")
    assert answer.status_code == 404, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "state=maybe",
        "stage=xyz",
        "temperature=tepid",
        "limit=0",
        "limit=201",
        "limit=many",
        "cursor=abc",
        "cursor=WzEsMl0",
        "cursor=%00",
        "from=yesterday",
        "to=2026-13-01",
        "lang=de",
        "owner=",
    ],
)
async def test_a_bad_parameter_is_refused(desk: Desk, query: str) -> None:
    answer = await desk.api.get(f"/api/leads?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == query.split("=", maxsplit=1)[0]


async def test_a_list_is_paged_newest_first_without_gap_or_repeat(desk: Desk) -> None:
    ways = [Journey(NOW + timedelta(minutes=minute // 2)) for minute in range(7)]
    await desk.feed(*(step for way in ways for step in way.whole()))
    seen: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        got = await desk.get("/api/leads", limit=3, **cursor)
        seen += got["items"]
        if got["next"] is None:
            break
        cursor = {"cursor": got["next"]}
    assert [one["opened_at"] for one in seen] == sorted(
        (s["opened_at"] for s in seen), reverse=True
    )
    assert {one["id"] for one in seen} == {way.lead_id for way in ways}
    assert len(seen) == 7


async def test_filters_narrow(desk: Desk) -> None:
    plain, won, yesterday = Journey(), Journey(), Journey(NOW - timedelta(days=1))
    await desk.feed(*plain.whole())
    await desk.feed(
        *won.whole()[:3], won.routed(state="won", temperature="hot", page="nil.example/ads/x")
    )
    await desk.feed(*yesterday.whole()[:3], yesterday.routed(assignment=None))

    async def ids(**narrowed: str) -> set[str]:
        return {one["id"] for one in (await desk.get("/api/leads", **narrowed))["items"]}

    everything = {plain.lead_id, won.lead_id, yesterday.lead_id}
    assert await ids() == everything
    assert await ids(state="won") == {won.lead_id}
    assert await ids(temperature="hot") == {won.lead_id}
    assert await ids(stage="sql") == everything
    assert await ids(stage="mql") == set()
    assert await ids(owner="sara") == {plain.lead_id, won.lead_id}
    assert await ids(source="contact") == everything
    assert await ids(source="contac") == set()
    assert await ids(page="https://www.nil.example/ads/x/?utm_source=a") == {won.lead_id}
    assert await ids(page="nil.example/ads/*") == {won.lead_id}
    assert await ids(page="nil.example/خدمات/سئو") == {plain.lead_id, yesterday.lead_id}
    assert await ids(**{"from": "2026-11-22", "to": "2026-11-22"}) == {plain.lead_id, won.lead_id}
    assert await ids(to="2026-11-22T08:00:00Z") == {yesterday.lead_id}


@pytest.mark.parametrize(
    "typed", ["نگار", "نِگار محمدي", "۰۹۱۲ ۱۲۳", "912123", "NEGAR@SHOP", "فروشگاه"]
)
async def test_a_search_reads_what_people_type(desk: Desk, typed: str) -> None:
    way, other = (
        Journey(),
        Journey(
            name="علی",
            phone="+989350000000",
            phone_typed="0935",
            email="a@b.example",
            email_typed="a@b.example",
            company=None,
        ),
    )
    await desk.feed(*way.whole(), *other.whole())
    assert [one["id"] for one in (await desk.get("/api/leads", q=typed))["items"]] == [way.lead_id]
    assert (await desk.get("/api/leads", q="%"))["items"] == []


@pytest.mark.parametrize(
    "typed",
    [
        "09191234567",
        "0919 123 4567",
        "۰۹۱۹۱۲۳۴۵۶۷",
        "00989191234567",
        "+98 919-123-4567",
        "0919 123",
    ],
)
async def test_a_number_is_found_however_it_is_dialled(desk: Desk, typed: str) -> None:
    way = Journey(name="علی", phone="+989191234567", phone_typed="+989191234567")
    other = Journey(name="علی", phone="+989350000000", phone_typed="+989350000000")
    await desk.feed(*way.whole(), *other.whole())
    for words in (typed, f"علی {typed}"):
        found = (await desk.get("/api/leads", q=words))["items"]
        assert [one["id"] for one in found] == [way.lead_id]


async def test_a_lead_has_the_shapes_of_the_contract(desk: Desk) -> None:
    way = Journey()
    await desk.feed(*way.whole())
    found = await desk.get(f"/api/leads/{way.lead_id}", lang="fa")
    assert found["person"]["id"] == way.person
    assert found["person"]["phone"] == "+989121234567"
    assert found["touch_count"] == 1
    assert found["touches"] == [
        {
            "submission_id": way.submission,
            "kind": "form",
            "source": "contact",
            "page": "nil.example/خدمات/سئو",
            "at": "2026-11-22T09:00:00Z",
        }
    ]
    score = found["score"]
    assert score["total"] == sum(reason["points"] for reason in score["reasons"]) == 50
    assert score["reasons"][0]["text"] == "قیمت خواست"
    assert (found["stage"], found["temperature"], found["state"]) == ("sql", "warm", "open")
    assert found["assignment"]["why"] == "چون از صفحهٔ سئو آمده و نوبت سارا بود"
    assert found["assignment"]["skipped"] == [{"specialist": "omid", "reason": "در مرخصی است"}]
    assert found["notifications"][0]["specialist"] == "sara"
    assert found["notifications"][0]["state"] == "sent"


async def test_the_language_is_asked_for_accepted_or_the_organisations(desk: Desk) -> None:
    way = Journey()
    await desk.feed(*way.whole())
    path = f"/api/leads/{way.lead_id}"

    async def why(path: str, accept: str = "") -> str:
        answer = await desk.api.get(path, headers={"Accept-Language": accept})
        return str(answer.json()["assignment"]["why"])

    assert (await why(path)).startswith("چون")
    assert (await why(path, "en-GB,en;q=0.9")).startswith("Came")
    assert (await why(path, "de, fa;q=0.2, en;q=0.1")).startswith("چون")
    assert (await why(f"{path}?lang=en", "fa")).startswith("Came")


async def test_reading_a_lead_leaves_a_trace_that_cannot_be_changed(desk: Desk) -> None:
    import asyncpg  # noqa: PLC0415 - only here

    from libs.common.database.statements import text  # noqa: PLC0415 - only here

    way = Journey()
    await desk.feed(*way.whole())
    await desk.get(f"/api/leads/{way.lead_id}")
    async with desk.database.transaction() as tx:
        row = (await tx.execute(text("SELECT actor, action, subject FROM desk.audit"))).one()
    assert tuple(row) == ("api", "read", f"lead:{way.lead_id}")
    for statement in ("UPDATE desk.audit SET actor = 'x'", "DELETE FROM desk.audit"):
        with pytest.raises(asyncpg.PostgresError, match="only added to"):
            async with desk.database.transaction() as tx:
                await tx.execute(text(statement))


async def test_every_answer_is_guarded(desk: Desk) -> None:
    for path in ("/api/leads", "/api/leads?x=1", "/nowhere", "/livez", "/readyz"):
        headers = (await desk.api.get(path)).headers
        assert "'unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


async def test_a_body_too_long_is_not_read(desk: Desk) -> None:
    answer = await desk.api.post(f"/api/leads/{new()}/actions", content=b"x" * 100_000)
    assert answer.status_code == 413


async def test_the_books_are_told(desk: Desk) -> None:
    found = await desk.get("/api/books")
    assert found["accepted"] == 0
    assert (found["terminal"], found["in_flight"], found["balanced"]) == ({}, 0, True)
    assert found["problems"] == []


async def test_what_is_held_is_listed_by_when_we_received_it(desk: Desk) -> None:
    late, early = Journey(NOW), Journey(NOW - timedelta(minutes=1))
    theirs = NOW - timedelta(days=9)
    late.touch = structs.replace(late.touch, at=theirs)
    await desk.feed(early.enriched("quarantined"), late.enriched("quarantined"))
    items = (await desk.get("/api/quarantine"))["items"]
    assert [one["submission_id"] for one in items] == [late.submission, early.submission]
    assert [items[0][name] for name in ("received_at", "occurred_at")] == [
        "2026-11-22T09:00:00Z",
        "2026-11-13T09:00:00Z",
    ]
    assert items[1]["occurred_at"] is None
    found = await desk.get(f"/api/submissions/{late.submission}")
    assert (found["received_at"], found["occurred_at"]) == (
        "2026-11-22T09:00:00Z",
        "2026-11-13T09:00:00Z",
    )


async def test_a_text_that_nobody_can_look_for_is_none_in_the_description(desk: Desk) -> None:
    described = await desk.get("/api/openapi.json")
    for path, given in (("/api/map", "url"), ("/api/leads", "q"), ("/api/leads", "page")):
        assert (await desk.api.get(path, params={given: "a\0"})).status_code == 422
        parameters = described["paths"][path]["get"]["parameters"]
        [schema] = (one["schema"] for one in parameters if one["name"] == given)
        text = next(kind for kind in schema["anyOf"] if kind.get("type") == "string")
        assert re.search(text["pattern"], "a\0") is None
        assert re.search(text["pattern"], "سئو\n\x7f")
