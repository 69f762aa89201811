"""The board adds up to the leads, and every number opens them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from libs.common.events import Activity, Deadline, Event, Text, Waiting
from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import Journey, new

LIMITED = """
organisation: {name: Nil Studio, time_zone: Asia/Tehran}
teams:
  - key: seo
    name: {fa: سئو, en: SEO}
    specialists:
      - {key: sara, name: سارا احمدی, weight: 2, capacity: {open: 3, per_day: 2}}
      - {key: omid, name: امید رضایی, away: [{from: "2020-01-01", to: "2099-01-01"}]}
  - {key: reception, name: {fa: پذیرش, en: Reception}, specialists: [{key: mina, name: مینا صادقی}]}
routing: {fallback: reception}
"""


def clock(due: datetime) -> Deadline:
    hour = timedelta(hours=1)
    return Deadline(due - hour, due - hour / 2, due - hour / 5, due)


def given(way: Journey, specialist: str = "sara", **lead: Any) -> Event:
    assignment = msgspec.structs.replace(way.assignment(specialist), at=way.at)
    return way.routed("assigned", assignment=assignment, **lead)


def waiting(way: Journey) -> Event:
    why = Text("سر همه شلوغ است", "everybody has enough")
    waits = Waiting("capacity", "seo", way.at, why)
    return way.routed("waiting", assignment=None, waiting=waits)


def paused(kind: str, at: datetime, key: str = "sara", **data: Any) -> Event:
    activity = Activity(
        activity_id=new(), type=kind, at=at, actor="staff", data={"specialist": key, **data}
    )
    return Event(id=activity.activity_id, key=key, time=at, data=activity)


@pytest.fixture
async def board(desk: Desk) -> Desk:
    """Two leads of Sara's, one of them late; one that waits; one won and one lost long ago."""
    desk.runtime.configurations.path.write_text(LIMITED, encoding="utf-8")
    desk.runtime.configurations.__init__(  # type: ignore[misc]  # as a restart would
        desk.runtime.configurations.path, desk.database
    )
    now = datetime.now(UTC)
    late, soon, queued, won, lost = (Journey(now - timedelta(minutes=n)) for n in range(5))
    await desk.feed(
        given(late, deadline=clock(now - timedelta(minutes=5))),
        given(soon, deadline=clock(now + timedelta(minutes=5))),
        waiting(queued),
        given(won, state="won", accepted_at=now, closed_at=now),
        given(lost, "gone", state="lost", closed_at=now - timedelta(days=9)),
        given(Journey(now), "gone", accepted_at=now, contacted_at=now),
    )
    return desk


async def test_the_board_adds_up(board: Desk) -> None:
    found = await board.get("/api/board")
    assert found["totals"] == {
        "open": 4,
        "unaccepted": 2,
        "late": 1,
        "contacted": 0,
        "won": 1,
        "lost": 0,
        "waiting": 1,
    }
    seo, reception = found["teams"]
    sara, omid = seo["specialists"]
    assert (sara["open"], sara["unaccepted"], sara["late"], sara["won"]) == (2, 2, 1, 1)
    assert sara["capacity"] == {
        "open": {"used": 2, "most": 3},
        "per_day": {"used": 3, "most": 2},
    }
    assert sara["share"] == {"given": 3, "due": 2.0}
    assert (omid["presence"], omid["until"][:10]) == ("away", "2099-01-01")
    assert (seo["waiting"], seo["gone"]) == (1, [{"specialist": "gone", "open": 1}])
    assert reception["specialists"][0]["open"] == 0


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"only": "late"}, 1),
        ({"only": "unaccepted", "owner": "sara", "team": "seo"}, 2),
        ({"only": "waiting", "team": "seo"}, 1),
        ({"only": "contacted"}, 1),
        ({"state": "won", "closed_from": "2020-01-01"}, 1),
        ({"state": "lost", "closed_from": f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}"}, 0),
        ({"team": "reception"}, 0),
    ],
)
async def test_every_number_opens_the_leads_that_it_counts(
    board: Desk, query: dict[str, str], count: int
) -> None:
    assert len((await board.get("/api/leads", **query))["items"]) == count


async def test_a_repeat_or_an_older_word_changes_nothing(board: Desk) -> None:
    now = datetime.now(UTC)
    way = Journey(now)
    first = given(way)
    await board.feed(first)
    before = await board.get("/api/board")
    await board.feed(first)
    old = paused("staff.paused", now - timedelta(hours=1))
    await board.feed(paused("staff.resumed", now))
    await board.feed(old)
    after = await board.get("/api/board")
    assert after["teams"] == before["teams"]


async def test_a_specialist_is_set_aside_and_comes_back(board: Desk) -> None:
    answering = asyncio.create_task(board.api.post("/api/specialists/sara/pause", json={}))
    (event,) = await board.said()
    assert isinstance(event.data, Activity)
    assert (event.key, event.data.type) == ("sara", "staff.paused")
    assert event.data.data == {"specialist": "sara"}
    await board.feed(event)
    answer = await answering
    assert (answer.status_code, answer.json()["paused"]) == (200, True)
    sara = (await board.get("/api/board"))["teams"][0]["specialists"][0]
    assert (sara["presence"], sara["until"]) == ("paused", None)
    answering = asyncio.create_task(board.api.post("/api/specialists/sara/resume"))
    event = (await board.said(2))[1]
    await board.feed(event)
    assert (await answering).json()["paused"] is False


async def test_a_pause_that_is_over_does_not_hold(board: Desk) -> None:
    now = datetime.now(UTC)
    until = (now + timedelta(hours=1)).isoformat()
    await board.feed(paused("staff.paused", now, until=until))
    sara = (await board.get("/api/board"))["teams"][0]["specialists"][0]
    assert (sara["presence"], sara["until"] is not None) == ("paused", True)
    await board.feed(paused("staff.paused", now, until=(now - timedelta(1)).isoformat()))
    sara = (await board.get("/api/board"))["teams"][0]["specialists"][0]
    assert sara["presence"] == "here"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("nobody/pause", {}, 404),
        ("nobody/resume", {}, 404),
        ("sara/pause", {"until": "2020-01-01T00:00:00Z"}, 422),
        ("sara/pause", {"until": 5}, 422),
        ("sara/pause", {"for": "ever"}, 422),
    ],
)
async def test_a_pause_that_makes_no_sense_is_refused(
    board: Desk, path: str, body: dict[str, Any], status: int
) -> None:
    answer = await board.api.post(f"/api/specialists/{path}", json=body)
    assert answer.status_code == status
    assert board.tape.records == []
