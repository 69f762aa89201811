"""The read model comes out the same whatever order the events come in."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from typing import Any

import pytest

from libs.common.events import Activity
from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import NOW, Journey, new
from tests.plugins.statements import noted


async def test_a_submission_is_told_from_end_to_end(desk: Desk) -> None:
    way = Journey()
    await desk.feed(*way.whole())
    found = await desk.get(f"/api/submissions/{way.submission}", lang="en")
    assert found["state"] == "notified"
    assert found["lead_id"] == way.lead_id
    assert found["person_id"] == way.person
    assert found["contact"]["phone"] == "+989121234567"
    assert found["contact"]["phone_typed"] == "۰۹۱۲ ۱۲۳ ۴۵۶۷"
    assert found["attribution"]["page"] == "nil.example/خدمات/سئو"
    assert found["attribution"]["first"]["utm"] == {"source": "google", "campaign": "seo-autumn"}
    assert found["received_at"] == "2026-11-22T09:00:00Z"
    kinds = [line["kind"] for line in found["timeline"]]
    assert kinds == [
        "notification_sent",
        "assigned",
        "scored",
        "identified",
        "phone_read",
        "opened",
        "received",
    ]
    assert found["timeline"][-1]["data"]["arrived"]["phone"] == "۰۹۱۲ ۱۲۳ ۴۵۶۷"
    assert found["timeline"][0]["text"] == "New lead: told سارا احمدی (webhook)"


async def test_rule_11_any_order_and_any_repeat_ends_the_same(desk: Desk) -> None:
    chance = random.Random(11)  # noqa: S311 - which order is not a secret
    seen: list[Any] = []
    for _ in range(8):
        way = Journey()
        events = [*way.whole(), way.routed(None, state="won", closed_at=NOW)]
        events += chance.choices(events, k=4)
        chance.shuffle(events)
        while events:
            cut = chance.randint(1, 4)
            await desk.feed(*events[:cut])
            events = events[cut:]
        found = await desk.get(f"/api/submissions/{way.submission}")
        lead = await desk.get(f"/api/leads/{way.lead_id}")
        assert (lead["state"], lead["version"]) == ("won", 2)
        assert [message["state"] for message in lead["notifications"]] == ["sent"]
        found = {n: v for n, v in found.items() if n not in {"id", "lead_id", "person_id"}}
        seen.append(
            (found["state"], found["contact"], [line["kind"] for line in found["timeline"]])
        )
    assert all(one == seen[0] for one in seen)


async def test_a_late_sent_makes_an_undelivered_submission_notified(desk: Desk) -> None:
    way = Journey()
    await desk.feed(*way.whole()[:4], way.settled("unknown", "undelivered"))
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "undelivered"
    await desk.feed(way.settled("sent", "notified", version=3))
    await desk.feed(way.settled("unknown", "undelivered"))
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "notified"


async def test_a_later_round_beats_any_state_of_an_earlier(desk: Desk) -> None:
    way = Journey()
    await desk.feed(way.captured(), way.enriched(), way.died())
    found = await desk.get(f"/api/submissions/{way.submission}")
    assert (found["state"], found["reason"]) == ("dead", "bug")
    await desk.feed(way.scored(turn=1))
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "scored"
    await desk.feed(way.died())
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "scored"


@pytest.mark.parametrize("is_late", [True, False])
async def test_a_death_before_a_step_that_was_taken_after_all_is_none_of_the_submission(
    desk: Desk, *, is_late: bool
) -> None:
    way = Journey()  # its first revision dies, its second brings the content
    died = [way.died("enrichment", "leads.captured.v1")]
    await desk.feed(way.captured(), *(died if not is_late else ()))
    for step in (*way.whole()[1:3], *(died if is_late else ())):
        await desk.feed(step)
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "scored"
    await desk.feed(way.died("routing", "leads.scored.v1"))
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "dead"


async def test_the_id_of_a_joined_lead_gives_the_one_it_was_joined_to(desk: Desk) -> None:
    one, other = Journey(), Journey(NOW + timedelta(minutes=5))
    await desk.feed(*one.whole(), *other.whole())
    await desk.feed(other.routed(None, state="lost", merged_into=one.lead_id))
    found = await desk.get(f"/api/leads/{other.lead_id}")
    assert found["id"] == one.lead_id
    assert {touch["submission_id"] for touch in found["touches"]} == {
        one.submission,
        other.submission,
    }
    assert [lead["id"] for lead in (await desk.get("/api/leads"))["items"]] == [one.lead_id]
    assert (await desk.get(f"/api/submissions/{other.submission}"))["lead_id"] == one.lead_id


async def test_a_retired_person_is_the_survivor(desk: Desk) -> None:
    one, other = Journey(), Journey()
    await desk.feed(*one.whole(), *other.whole())
    last = Journey()
    last.person = one.person
    await desk.feed(last.enriched(joined=(other.person,)))
    assert (await desk.get(f"/api/submissions/{other.submission}"))["person_id"] == one.person


async def test_a_slice_takes_the_same_number_of_statements_whatever_its_length(desk: Desk) -> None:
    counts = []
    for length in (1, 60):
        events = [step for _ in range(length) for step in Journey().whole()]
        with noted() as statements:
            await desk.feed(*events)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8


async def test_text_that_postgres_refuses_is_kept_without_it(desk: Desk) -> None:
    way = Journey(name="ne\x00gar", extra={"k\x00": ["\x00", {"a": "\\u0000"}]})
    await desk.feed(*way.whole())
    found = await desk.get(f"/api/submissions/{way.submission}")
    assert found["contact"]["name"] == "negar"
    assert found["contact"]["extra"] == {"k": ["", {"a": "\\u0000"}]}


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("page_view", "page_view"),
        ("odd {type}", "odd {type}"),
        ("submission.resent", "resent"),
        ("submission.key_conflict", "key_conflict"),
    ],
)
async def test_an_activity_of_a_known_person_stands_in_the_story(
    desk: Desk, kind: str, line: str
) -> None:
    way = Journey()
    seen = Activity(
        str(uuid.uuid4()),
        kind,
        NOW + timedelta(hours=1),
        person_id=way.person,
        page="nil.example/price",
    )
    await desk.feed(*way.whole(), way.event(seen))
    told = (await desk.get(f"/api/leads/{way.lead_id}", lang="en"))["timeline"][0]
    assert told["kind"] == line


async def test_of_a_person_s_visits_the_latest_lines_are_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.desk.store.stories.MOST_OF_PERSON", 5)
    way, other = Journey(), Journey()
    others = Activity(new(), "download", NOW, actor="visitor", person_id=other.person)
    await desk.feed(*way.whole(), *other.whole(), other.event(others))
    before = len((await desk.get(f"/api/leads/{way.lead_id}"))["timeline"])
    for minute in (30, 0, 60):
        views = [
            Activity(
                new(),
                "page_view",
                NOW + timedelta(minutes=minute + n),
                actor="visitor",
                person_id=way.person,
                page=f"nil.example/{minute + n}",
            )
            for n in range(4)
        ]
        await desk.feed(*(way.event(view) for view in views))
    told = (await desk.get(f"/api/leads/{way.lead_id}"))["timeline"]
    assert len(told) == before + 5
    pages = [line["data"]["page"] for line in told if line["kind"] == "page_view"]
    assert pages == [f"nil.example/{n}" for n in (63, 62, 61, 60, 33)]
    story = (await desk.get(f"/api/leads/{other.lead_id}"))["timeline"]
    assert "download" in {line["kind"] for line in story}


async def test_a_resend_is_a_touch_of_its_lead_and_can_be_found(desk: Desk) -> None:
    way, other = Journey(), Journey()
    brought = {"phone": "+989350000001", "email": "New@shop.example", "message": "تازه"}
    seen = Activity(
        str(uuid.uuid4()),
        "submission.resent",
        NOW + timedelta(hours=1),
        person_id=way.person,
        submission_id=way.submission,
        page="nil.example/price",
        data={"contact": brought, "person": brought, "touch": {}, "person_version": 2},
    )
    again = way.event(seen)
    await desk.feed(again, *way.whole(), *other.whole())
    await desk.feed(again)
    lead = await desk.get(f"/api/leads/{way.lead_id}")
    assert [(touch["submission_id"], touch["page"]) for touch in lead["touches"]] == [
        (way.submission, "nil.example/price"),
        (way.submission, "nil.example/خدمات/سئو"),
    ]
    told = next(line for line in lead["timeline"] if line["kind"] == "resent")
    assert told["data"]["contact"] == brought
    assert "person" not in told["data"]
    for words in ("9350000001", "new@shop", "نگار 9350000001"):
        found = (await desk.get("/api/leads", q=words))["items"]
        assert [one["id"] for one in found] == [way.lead_id]
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "notified"


async def test_leads_of_others_hold_no_line_of_this_story(desk: Desk) -> None:
    one, other = Journey(), Journey()
    await desk.feed(*one.whole(), *other.whole())
    assert len((await desk.get(f"/api/leads/{one.lead_id}"))["timeline"]) == 7
