"""The desk shows, filters and sorts by the score of now, and touches no row that is not due."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import pytest
import time_machine

from libs.common.database.statements import text
from libs.common.events import Fade, Heat, Part, Reason, Score, Text
from libs.common.fading import weighed
from services.desk.store import finding, heat
from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import NOW, Journey

DAY = 86_400
WORDS = Text("قیمت خواست", "Asked for a price")


def _score(points: int, half_life: int | None = 14, *, fixed: int = 0) -> Score:
    fade = Fade(half_life=half_life * DAY) if half_life else None
    parts = (Part(points, NOW),) if fade else ()
    reasons = [Reason("asked", "engagement", points, WORDS, NOW, fade, parts)]
    if fixed:
        reasons.append(Reason("known", "fit", fixed, WORDS, NOW))
    return weighed(Score(0, 0, 0, 1, tuple(reasons), heat=Heat(30, 60)), NOW)


async def _lead(desk: Desk, score: Score) -> str:
    journey = Journey()
    temperature = "hot" if score.total >= 60 else "warm" if score.total >= 30 else "cold"
    await desk.feed(journey.routed(score=score, temperature=temperature))
    return journey.lead_id


async def _listed(
    desk: Desk, now: datetime, after: finding.Place | None = None, limit: int = 50, **wanted: object
) -> list[tuple[str, int, str]]:
    look = msgspec.convert(wanted, finding.Wanted)
    async with desk.database.transaction() as tx:
        rows = await finding.newest(tx, look, after, limit, now)
    return [
        (str(row["id"]), row["body"]["score"]["total"], row["body"]["temperature"]) for row in rows
    ]


async def _turned(desk: Desk, now: datetime) -> int:
    async with desk.database.transaction() as tx:
        return await heat.bring_turned(tx, now)


async def test_a_month_later_a_hot_lead_is_not_listed_as_hot_and_nothing_happened(
    desk: Desk,
) -> None:
    fades, stays = await _lead(desk, _score(70)), await _lead(desk, _score(70, None))
    assert await _listed(desk, NOW, temperature="hot") == [
        (max(fades, stays), 70, "hot"),
        (min(fades, stays), 70, "hot"),
    ]
    month = NOW + timedelta(days=30)
    assert await _listed(desk, month, temperature="hot") == [(stays, 70, "hot")]
    assert await _listed(desk, month, temperature="cold") == [(fades, 16, "cold")]
    assert {one[1:] for one in await _listed(desk, month)} == {(70, "hot"), (16, "cold")}


async def test_only_what_is_due_is_touched(desk: Desk) -> None:
    for points in (100, 70, 40, 20):
        await _lead(desk, _score(points))
    await _lead(desk, _score(65, None))
    assert await _turned(desk, NOW + timedelta(days=1)) == 0
    assert await _turned(desk, NOW + timedelta(days=4)) == 1  # 70 is below 60 now
    assert await _turned(desk, NOW + timedelta(days=4)) == 0
    both = await asyncio.gather(*(_turned(desk, NOW + timedelta(days=14)) for _ in range(2)))
    assert sorted(both) == [0, 2]  # 100 and 40, by whoever came first
    async with desk.database.transaction() as tx:
        rows = await tx.execute(text("SELECT score, score_now, temperature_now FROM desk.leads"))
        now = {row.score: (row.score_now, row.temperature_now) for row in rows}
    assert now[100] == (50, "warm")
    assert (now[20], now[65]) == ((20, "cold"), (65, "hot"))


async def test_what_is_due_is_found_by_its_index(desk: Desk) -> None:
    async with desk.database.transaction() as tx:
        await tx.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await tx.scalars(
            text(
                "EXPLAIN SELECT id FROM desk.leads "
                "WHERE turns_at <= now() AND merged_into IS NULL ORDER BY turns_at"
            )
        )
        assert "leads_turning" in "\n".join(plan)


async def test_the_hottest_come_first_by_the_score_of_now(desk: Desk) -> None:
    quick = await _lead(desk, _score(90, 2))
    slow = await _lead(desk, _score(80, 60))
    steady = await _lead(desk, _score(50, None))
    recovers = await _lead(desk, _score(-40, 7, fixed=85))
    order = [one for one, *_ in await _listed(desk, NOW, by_score=True)]
    assert order == [quick, slow, steady, recovers]
    fortnight = NOW + timedelta(days=14)
    assert [one[:2] for one in await _listed(desk, fortnight, by_score=True)] == [
        (recovers, 75),
        (slow, 68),
        (steady, 50),
        (quick, 1),
    ]
    [first] = await _listed(desk, fortnight, limit=1, by_score=True, temperature="warm")
    assert first == (steady, 50, "warm")


async def test_a_list_by_score_touches_its_page_and_not_all_that_has_faded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heat, "BATCH", 3)
    top = await _lead(desk, _score(30, None))
    for points in (29, 29, 29, 20):
        await _lead(desk, _score(points, 30))
    later = NOW + timedelta(days=10)
    late = text("SELECT score_now FROM desk.leads WHERE changes_at <= :now ORDER BY 1")
    for limit, scores, untouched in ((1, [30], [20, 29, 29, 29]), (2, [30, 23], [20])):
        found = await _listed(desk, later, limit=limit, by_score=True)
        assert (found[0][0], [one[1] for one in found]) == (top, scores)
        async with desk.database.transaction() as tx:
            assert await tx.scalars(late, {"now": later}) == untouched


async def test_a_new_word_of_routing_counts_from_its_own_moment(desk: Desk) -> None:
    journey = Journey()
    await desk.feed(journey.routed(score=_score(70), temperature="hot"))
    month = NOW + timedelta(days=30)
    assert await _listed(desk, month, temperature="hot") == []
    await desk.feed(journey.routed(None, score=_score(70), temperature="hot", snoozed_until=month))
    assert await _listed(desk, month, temperature="hot") == []
    again = weighed(msgspec.structs.replace(_score(70, None), version=2), month)
    await desk.feed(journey.routed(None, score=again, temperature="hot"))
    assert len(await _listed(desk, month, temperature="hot")) == 1


@pytest.fixture
def later() -> Iterator[datetime]:
    """The desk's clock, a month on."""
    month = NOW + timedelta(days=30)
    with time_machine.travel(month, tick=False):
        yield month


async def test_the_api_speaks_of_now(desk: Desk, later: datetime) -> None:
    lead_id = await _lead(desk, _score(70))
    shown = await desk.get(f"/api/leads/{lead_id}")
    assert (shown["score"]["total"], shown["temperature"], shown["stage"]) == (16, "cold", "sql")
    [reason] = shown["score"]["reasons"]
    assert (reason["points"], reason["earned"]) == (16, 70)
    page = (await desk.api.get(f"/leads/{lead_id}?lang=fa")).text
    assert "در آغاز" in page
    assert "۷۰" in page
    assert shown["score"]["as_of"] == later.isoformat().replace("+00:00", "Z")
    assert (await desk.get("/api/leads", temperature="hot"))["items"] == []
    [cold] = (await desk.get("/api/leads", temperature="cold"))["items"]
    assert (cold["id"], cold["score"]["engagement"]) == (lead_id, 16)


async def test_pages_of_a_list_by_score_leave_nobody_out(desk: Desk) -> None:
    points = (70, 40, 40, 40, -5, 90)
    made = [await _lead(desk, _score(each, None)) for each in points]
    seen: list[str] = []
    scores: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        found = await desk.get("/api/leads", sort="score", limit=2, **cursor)
        seen += [item["id"] for item in found["items"]]
        scores += [item["score"]["total"] for item in found["items"]]
        if found["next"] is None:
            break
        cursor = {"cursor": found["next"]}
    assert sorted(seen) == sorted(made)
    assert scores == sorted(points, reverse=True)


async def test_an_order_or_a_cursor_that_is_none_is_refused(desk: Desk) -> None:
    for _ in range(2):
        await _lead(desk, _score(70))
    newest = (await desk.get("/api/leads", limit=1))["next"]
    hottest = (await desk.get("/api/leads", limit=1, sort="score"))["next"]
    for bad in (
        {"sort": "random"},
        {"sort": "score", "cursor": newest},
        {"cursor": hottest},
    ):
        assert (await desk.api.get("/api/leads", params=bad)).status_code == 422, bad


async def test_the_inbox_can_be_read_hottest_first(desk: Desk, later: datetime) -> None:
    del later
    await _lead(desk, _score(70))
    page = (await desk.api.get("/?lang=fa")).text
    assert 'href="/?sort=score"' in page
    assert "داغ‌ترین‌ها" in page
    sorted_page = (await desk.api.get("/?lang=en&sort=score")).text
    assert "Hottest" in sorted_page
    assert 'class="chip cold"' in sorted_page
