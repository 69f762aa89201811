"""What was erased is shown as gone: no name, number or word anywhere, whatever is read when."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from libs.common.database.statements import text
from libs.common.erasing import ASKED, PERSON_ERASED, Erasure
from libs.common.events import Activity, Event, SubmissionEnriched
from services.desk.acting import acting
from tests.integration.desk.conftest import ENOUGH, TOKEN, Desk
from tests.integration.desk.journey import MESSAGE, Journey, new

CANARIES = ("نگار", "9121234567", "۱۲۳ ۴۵۶۷", "shop.example", MESSAGE[:20], "seo-autumn", "مدیرش")


def gone(journey: Journey, *joined: str) -> list[Event]:
    """What enrichment says when the person is erased."""
    data = Activity(
        new(),
        PERSON_ERASED,
        journey.at,
        "mina",
        journey.person,
        data=msgspec.to_builtins(Erasure(persons=(journey.person, *joined), reason="خودش خواست")),
    )
    return [journey.event(data, 60), taken_back(journey)]


def taken_back(journey: Journey) -> Event:
    touch = msgspec.structs.replace(journey.touch, attribution=type(journey.attribution)())
    end = SubmissionEnriched(journey.submission, "erased", touch, person_id=journey.person)
    return journey.event(end, 60)


def story(journey: Journey) -> list[Event]:
    """A lead's whole way, with what a colleague wrote of it and a visit."""
    note = Activity(new(), "staff.noted", journey.at, "sara", journey.person, journey.lead_id,
                    data={"text": "مدیرش نگار است"})  # fmt: skip
    visit = Activity(new(), "page_view", journey.at, "visitor", journey.person,
                     submission_id=new(), visitor_id="v", page="nil.example/نگار")  # fmt: skip
    return [
        journey.captured(),
        journey.enriched(),
        journey.scored(),
        journey.routed(),
        journey.settled(),
        journey.event(note),
        journey.event(visit),
        journey.routed(None, state="lost", lost_reason="مدیرش نخواست"),
    ]


async def leaks(desk: Desk) -> list[str]:
    """Cells of the desk's tables that have something of what was told."""
    found = []
    async with desk.database.transaction() as tx:
        tables = await tx.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'desk'"), {}
        )
        for table in tables:
            if table.startswith("journal"):
                continue
            rows = await tx.execute(text(f'SELECT row_to_json(t)::text FROM desk."{table}" t'))
            found += [f"{table}: {row[0]}" for row in rows for one in CANARIES if one in row[0]]
    return found


async def shown(desk: Desk, journey: Journey) -> tuple[Any, Any]:
    submission = await desk.get(f"/api/submissions/{journey.submission}")
    lead = await desk.get(f"/api/leads/{journey.lead_id}")
    return submission, lead


def is_gone(submission: dict[str, Any], lead: dict[str, Any]) -> bool:
    is_bare = not any([*submission["contact"].values(), *lead["contact"].values()])
    return is_bare and submission["state"] == "erased" and lead["erased_at"] is not None


@pytest.mark.parametrize("place", range(9))
async def test_rule_29_it_does_not_matter_when_the_word_is_read(desk: Desk, place: int) -> None:
    journey = Journey()
    told = story(journey)
    for event in (*told[:place], *gone(journey), *told[place:]):
        await desk.feed(event)
    assert await leaks(desk) == []
    submission, lead = await shown(desk, journey)
    assert is_gone(submission, lead)
    assert lead["state"] == "lost"
    kinds = {line["kind"] for line in lead["timeline"]}
    assert {"received", "opened", "noted", "erased"} <= kinds
    assert submission["received_at"] is not None
    for words in ("نگار", "09121234567", "negar"):
        assert (await desk.get("/api/leads", q=words))["items"] == []
    assert (await desk.get("/api/leads"))["items"] == []
    await desk.feed(*told)
    assert await leaks(desk) == []
    assert (await shown(desk, journey))[0]["state"] == "erased"


async def test_rule_29_the_persons_own_word_empties_all_that_they_ever_were(desk: Desk) -> None:
    first, joined = Journey(), Journey()
    await desk.feed(*story(first), *story(joined))
    erasure = msgspec.to_builtins(Erasure(persons=(first.person, joined.person)))
    word = Activity(new(), PERSON_ERASED, first.at, "mina", first.person, data=erasure)
    await desk.feed(first.event(word, 60))
    assert await leaks(desk) == []
    for journey in (first, joined):
        assert is_gone(*await shown(desk, journey))


@pytest.mark.parametrize("is_first", [False, True])
async def test_what_names_an_erased_person_under_somebody_elses_key_is_shown_no_more(
    desk: Desk, *, is_first: bool
) -> None:
    journey, other = Journey(), Journey()
    await desk.feed(*story(journey))
    raw = base64.b64encode("name=نگار&phone=09121234567".encode()).decode()
    data = {"source": "contact", "content_type": "text/plain", "raw": raw}
    shown_as = new()
    conflict = Activity(
        shown_as, "submission.key_conflict", journey.at, submission_id=other.submission, data=data
    )
    told = Event(shown_as, other.submission, journey.at, conflict)
    erasure = Erasure(persons=(journey.person,), conflicts=(shown_as,))
    word = Activity(
        new(), PERSON_ERASED, journey.at, "mina", journey.person, data=msgspec.to_builtins(erasure)
    )
    events = [told, journey.event(word, 60)]
    for event in (*(events[::-1] if is_first else events), told):
        await desk.feed(event)
    assert (await desk.get("/api/quarantine"))["items"] == []
    async with desk.database.transaction() as tx:
        kept = await tx.execute(text("SELECT convert_from(raw, 'UTF8') FROM desk.quarantine"))
        assert kept.all() == []


async def test_further_words_of_one_erasure_add_no_line_to_the_story(desk: Desk) -> None:
    journey = Journey()
    await desk.feed(*story(journey), *gone(journey))
    more = Erasure(persons=(journey.person,), conflicts=(new(),), part=1)
    word = Activity(
        new(), PERSON_ERASED, journey.at, "mina", journey.person, data=msgspec.to_builtins(more)
    )
    before = await shown(desk, journey)
    await desk.feed(journey.event(word, 61))
    assert await shown(desk, journey) == before


async def test_in_one_slice_with_all_that_was_told(desk: Desk) -> None:
    journey = Journey()
    await desk.feed(*story(journey), *gone(journey))
    assert await leaks(desk) == []
    assert is_gone(*await shown(desk, journey))


async def test_one_submission_of_a_person_who_stays(desk: Desk) -> None:
    journey, other = Journey(), Journey(name="بماند")
    other.person, other.lead_id = journey.person, journey.lead_id
    await desk.feed(*(step() for step in (journey.captured, journey.enriched, journey.scored)))
    await desk.feed(other.captured(), other.enriched(), other.routed())
    await desk.feed(taken_back(journey))
    one = await desk.get(f"/api/submissions/{journey.submission}")
    assert one["state"] == "erased"
    assert not any(one["contact"].values())
    assert {line["text"] for line in one["timeline"]} == {
        "محتوای این بخش پاک شده است", "پاک شد", "نخستین تماس این شخص با ماست"
    }  # fmt: skip
    kept = await desk.get(f"/api/submissions/{other.submission}")
    assert kept["contact"]["name"] == "بماند"
    assert len((await desk.get("/api/leads"))["items"]) == 1


async def test_what_is_held_or_dead_is_gone_and_cannot_be_sent_on(desk: Desk) -> None:
    journey = Journey()
    letter = journey.died()
    await desk.feed(journey.captured(), journey.enriched("quarantined"), letter)
    (held,) = (await desk.get("/api/quarantine"))["items"]
    (dead,) = (await desk.get("/api/dead-letters"))["items"]
    await desk.feed(taken_back(journey))
    await desk.feed(journey.enriched("quarantined", turn=3), letter)
    assert await leaks(desk) == []
    for path in ("/api/quarantine", "/api/dead-letters"):
        assert (await desk.get(path))["items"] == []
    for path in (f"/api/quarantine/{held['id']}/release", f"/api/dead-letters/{dead['id']}/replay"):
        assert (await desk.api.post(path)).status_code == 404
    assert (await desk.get(f"/api/submissions/{journey.submission}"))["state"] == "erased"


async def test_the_api_asks_for_it_and_says_whether_it_is_done(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "PATIENCE", ENOUGH)
    journey = Journey()
    await desk.feed(*story(journey))
    path = f"/api/persons/{journey.person}/erase"
    for bad in ({}, {"reason": "  "}, {"reason": "x", "sure": True}):
        assert (await desk.api.post(path, json=bad)).status_code == 422
    assert (
        await desk.api.post(f"/api/persons/{new()}/erase", json={"reason": "x"})
    ).status_code == (404)
    answer = await desk.api.post(path, json={"reason": "خودش خواست"})
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    (event,) = await desk.said()
    assert isinstance(event.data, Activity)
    assert (event.data.type, event.key) == (ASKED, journey.person)
    assert event.data.data == {"reason": "خودش خواست"}
    await desk.feed(event, *gone(journey))
    again = await desk.api.post(path, json={"reason": "خودش خواست"})
    assert (again.status_code, again.json()["state"]) == (200, "erased")
    assert len(desk.tape.records) == 1
    body = {"action": "note", "text": "نگار"}
    assert (
        await desk.api.post(f"/api/leads/{journey.lead_id}/actions", json=body)
    ).status_code == (409)


async def test_the_page_asks_twice_and_then_shows_that_nothing_is_left(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "PATIENCE", ENOUGH)
    journey = Journey()
    await desk.feed(*story(journey))
    async with desk.client({"Accept": "text/html"}) as client:
        await client.post("/sign-in", data={"token": TOKEN})
        page = (await client.get(f"/leads/{journey.lead_id}")).text
        assert "برگشتی ندارد" in page
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        assert csrf
        path, form = f"/persons/{journey.person}/erase", {"csrf": csrf[1], "lead": journey.lead_id}
        for lacking in ({"reason": "خودش خواست"}, {"sure": "yes"}):
            assert (await client.post(path, data={**form, **lacking})).status_code == 409
        assert desk.tape.records == []
        given = {**form, "reason": "خودش خواست", "sure": "yes"}
        answer = await client.post(path, data=given)
        assert answer.status_code == 303
        await desk.feed(*gone(journey))
        left = (await client.get(answer.headers["location"])).text
    assert "این سرنخ پاک شده است" in left
    assert not [one for one in CANARIES if one in left]
    assert "staff" not in _buttons(left)


def _buttons(page: str) -> Sequence[str]:
    return re.findall(r'name="action" value="([a-z]+)"', page)
