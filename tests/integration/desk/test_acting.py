"""What staff do: one activity, awaited in the read model, done once however often it is asked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from libs.common.events import Activity, Change, Event, Text, decode
from services.desk.acting import acting
from tests.integration.desk.conftest import ENOUGH, Desk
from tests.integration.desk.journey import NOW, Journey, new


@pytest.fixture
async def way(desk: Desk) -> Journey:
    made = Journey()
    await desk.feed(*made.whole())
    return made


async def post(desk: Desk, way: Journey, body: Any, **headers: str) -> httpx.Response:
    return await desk.api.post(f"/api/leads/{way.lead_id}/actions", json=body, headers=headers)


async def answer_as_routing(desk: Desk, way: Journey, kind: str, **lead: Any) -> Activity:
    """Do what routing does with the next action: a lead that names it as the cause."""
    said = (await desk.said())[-1]
    assert isinstance(said.data, Activity)
    change = Change(kind, Text("انجام شد", "Done"), NOW, cause=said.id)
    await desk.feed(way.routed(None, change, **lead))
    return said.data


async def test_an_action_waits_for_the_change_that_it_caused(desk: Desk, way: Journey) -> None:
    asked = asyncio.create_task(post(desk, way, {"action": "accept"}))
    told = await answer_as_routing(desk, way, "accepted", accepted_at=NOW)
    answer = await asked
    assert answer.status_code == 200, answer.text
    assert desk.hurried == 1, "the stage is asked to read more often"
    assert answer.json()["accepted_at"] == "2026-11-22T09:00:00Z"
    assert (told.type, told.lead_id, told.person_id) == ("staff.accepted", way.lead_id, way.person)
    assert desk.tape.records[0].key == way.person


@pytest.mark.parametrize(
    ("body", "kind", "data"),
    [
        ({"action": "decline", "reason": "busy"}, "staff.declined", {"reason": "busy"}),
        (
            {"action": "snooze", "until": "2026-12-01T09:00:00+03:30"},
            "staff.snoozed",
            {"until": "2026-12-01T05:30:00+00:00"},
        ),
        ({"action": "contacted"}, "staff.contacted", {}),
        ({"action": "qualify"}, "staff.qualified", {}),
        ({"action": "won", "amount": 12.5}, "staff.won", {"amount": 12.5}),
        ({"action": "lost", "reason": "گران بود\x00"}, "staff.lost", {"reason": "گران بود"}),
        ({"action": "reopen"}, "staff.reopened", {}),
        ({"action": "reassign", "specialist": "mina"}, "staff.reassigned", {"specialist": "mina"}),
        ({"action": "reassign", "team": "seo"}, "staff.reassigned", {"team": "seo"}),
    ],
)
async def test_each_action_is_an_activity(
    desk: Desk, way: Journey, body: dict[str, Any], kind: str, data: dict[str, Any]
) -> None:
    asked = asyncio.create_task(post(desk, way, body))
    told = await answer_as_routing(desk, way, "done")
    assert (await asked).status_code == 200
    assert (told.type, told.data) == (kind, data)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"action": "explode"},
        {"action": "accept", "reason": "x"},
        {"action": "accept", "colour": "red"},
        {"action": "decline"},
        {"action": "lost", "reason": "  "},
        {"action": "won", "amount": -1},
        {"action": "won", "amount": "NaN"},
        {"action": "won", "amount": "5"},
        {"action": "won", "amount": True},
        {"action": "won", "amount": [5]},
        {"action": "snooze", "until": 1_800_000_000},
        {"action": "snooze", "until": "9999-12-31T23:59:59-14:00"},
        {"action": "lost", "reason": 5},
        {"action": "reassign", "team": 5},
        {"action": "snooze", "until": "soon"},
        {"action": "snooze", "until": "2026-12-01T09:00:00"},
        {"action": "reassign"},
        {"action": "reassign", "specialist": "nobody"},
        {"action": "reassign", "team": "nobody"},
    ],
)
async def test_a_bad_action_is_refused_and_says_nothing(
    desk: Desk, way: Journey, body: Any
) -> None:
    answer = await post(desk, way, body)
    assert answer.status_code == 422, answer.text
    assert desk.tape.records == []


async def test_an_action_on_no_lead_is_not_found(desk: Desk) -> None:
    assert (await post(desk, Journey(), {"action": "accept"})).status_code == 404
    assert desk.tape.records == []


async def test_a_refusal_of_routing_is_told_with_its_reason(desk: Desk, way: Journey) -> None:
    asked = asyncio.create_task(post(desk, way, {"action": "reopen"}, **{"Accept-Language": "en"}))
    await answer_as_routing(desk, way, "refused")
    answer = await asked
    assert answer.status_code == 409
    assert answer.json()["detail"] == "Done"


async def test_what_takes_longer_is_accepted(desk: Desk, way: Journey, monkeypatch: Any) -> None:
    monkeypatch.setattr(acting, "PATIENCE", ENOUGH)
    answer = await post(desk, way, {"action": "accept"})
    assert answer.status_code == 202
    assert answer.json()["id"] == way.lead_id


async def test_a_log_that_is_away_holds_nobody_up(
    desk: Desk, way: Journey, monkeypatch: Any
) -> None:
    monkeypatch.setattr(acting, "PATIENCE", ENOUGH)
    desk.tape.away = True
    async with asyncio.timeout(30):
        assert (await post(desk, way, {"action": "accept"})).status_code == 202


async def test_rule_07_a_repeated_key_acts_once(desk: Desk, way: Journey) -> None:
    asked = asyncio.create_task(post(desk, way, {"action": "accept"}, **{"Idempotency-Key": "k1"}))
    await answer_as_routing(desk, way, "accepted")
    first = await asked
    again = await post(desk, way, {"action": "accept"}, **{"Idempotency-Key": "k1"})
    other = await post(desk, way, {"action": "contacted"}, **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 422)
    assert len(desk.tape.records) == 1


async def test_held_raw_bytes_are_a_file_and_nothing_else(desk: Desk) -> None:
    way = Journey()
    await desk.feed(way.captured(), way.enriched("quarantined"))
    (item,) = (await desk.get("/api/quarantine"))["items"]
    assert item == {
        "id": item["id"],
        "submission_id": way.submission,
        "reason": "suspected_bot",
        "source": "contact",
        "received_at": "2026-11-22T09:00:00Z",
        "occurred_at": None,
        "raw_size": 15,
    }
    raw = await desk.api.get(f"/api/quarantine/{item['id']}/raw")
    assert raw.content == b"name=\x00\xff<script>"
    assert raw.headers["content-type"] == "application/octet-stream"
    assert raw.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("verb", "kind", "outcome"),
    [("release", "staff.released", "enriched"), ("discard", "staff.discarded", "discarded")],
)
async def test_what_is_held_is_decided_once(desk: Desk, verb: str, kind: str, outcome: str) -> None:
    way = Journey()
    await desk.feed(way.captured(), way.enriched("quarantined"))
    path = f"/api/quarantine/{way.submission}"
    asked = asyncio.create_task(desk.api.post(f"{path}/{verb}"))
    (said,) = await desk.said()
    assert isinstance(said.data, Activity)
    assert (said.data.type, said.data.submission_id) == (kind, way.submission)
    assert (said.key, said.round) == (way.submission, 1)
    await desk.feed(way.enriched(outcome, turn=1))
    answer = await asked
    assert (answer.status_code, answer.json()["state"]) == (200, outcome)
    assert (await desk.get("/api/quarantine"))["items"] == []
    assert (await desk.api.post(f"{path}/release")).status_code == 409
    assert (await desk.api.post(f"{path}/discard")).status_code == 409
    assert len(desk.tape.records) == 1


async def test_what_is_held_again_comes_back(desk: Desk) -> None:
    way = Journey()
    await desk.feed(way.captured(), way.enriched("quarantined"))
    asked = asyncio.create_task(desk.api.post(f"/api/quarantine/{way.submission}/release"))
    await desk.said()
    await desk.feed(way.enriched("quarantined", turn=1, reason="unusable_contact"))
    await asked
    (item,) = (await desk.get("/api/quarantine"))["items"]
    assert item["reason"] == "unusable_contact"


async def test_two_at_once_decide_once(desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr(acting, "PATIENCE", ENOUGH)
    way = Journey()
    await desk.feed(way.captured(), way.enriched("quarantined"))
    path = f"/api/quarantine/{way.submission}"
    answers = await asyncio.gather(
        *(desk.api.post(f"{path}/{verb}") for verb in ("release", "discard") * 3)
    )
    assert len(desk.tape.records) == 1
    assert {answer.status_code for answer in answers} <= {202, 409}


async def test_a_body_under_anothers_key_can_only_be_discarded(desk: Desk) -> None:
    way = Journey()
    data = Activity(
        new(),
        "submission.key_conflict",
        NOW,
        submission_id=way.submission,
        data={"raw": "aGVsbG8=", "source": "zapier"},
    )
    await desk.feed(*way.whole(), Event(new(), way.submission, NOW, data))
    (item,) = (await desk.get("/api/quarantine"))["items"]
    assert (item["reason"], item["raw_size"]) == ("key_conflict", 5)
    path = f"/api/quarantine/{item['id']}"
    assert (await desk.api.get(f"{path}/raw")).content == b"hello"
    assert (await desk.api.post(f"{path}/release")).status_code == 409
    assert (await desk.api.post(f"{path}/discard")).status_code == 200
    assert (await desk.get("/api/quarantine"))["items"] == []
    assert desk.tape.records == []
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "notified"


async def test_the_activity_is_one_that_others_read(
    desk: Desk, way: Journey, monkeypatch: Any
) -> None:
    monkeypatch.setattr(acting, "PATIENCE", ENOUGH)
    before = datetime.now(UTC)
    await post(desk, way, {"action": "snooze"})
    event = decode(desk.tape.records[0])
    assert isinstance(event.data, Activity)
    assert event.data.activity_id == event.id
    until = datetime.fromisoformat(event.data.data["until"])
    assert 23 * 3600 < (until - before).total_seconds() < 25 * 3600
