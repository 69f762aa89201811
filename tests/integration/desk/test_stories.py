"""What stands in a lead's story, and what does not."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from libs.common.events import Activity
from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import NOW, Journey, new


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


@pytest.mark.parametrize("is_first", [False, True])
async def test_an_automatic_reply_stands_in_the_story_and_changes_nothing_else(
    desk: Desk, *, is_first: bool
) -> None:
    way = Journey()
    said = Activity(new(), "submission.answered", NOW, submission_id=way.submission)
    events = [*way.whole()]
    answered = way.event(said, 60)
    await desk.feed(*([answered, *events] if is_first else [*events, answered, answered]))
    other = Journey()
    await desk.feed(*other.whole())
    lead, plain = [await desk.get(f"/api/leads/{one.lead_id}") for one in (way, other)]
    (line,) = [one for one in lead["timeline"] if one["kind"] == "answered"]
    assert line["text"] == "پاسخ خودکار فرستاده شد"
    told = await desk.get(f"/api/leads/{way.lead_id}", lang="en")
    assert "Automatic reply sent" in [one["text"] for one in told["timeline"]]
    for same in ("state", "stage", "temperature", "touch_count"):
        assert lead[same] == plain[same]
    assert lead["score"]["total"] == plain["score"]["total"]
    state = (await desk.get(f"/api/submissions/{way.submission}"))["state"]
    assert state == (await desk.get(f"/api/submissions/{other.submission}"))["state"]


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
