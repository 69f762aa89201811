"""Quick-add, notes, and who sits here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.common.database import Database
from libs.common.database.statements import text
from libs.common.events import Activity, Event, LeadCaptured
from libs.common.stage.receipts import receipts_of
from services.desk.acting import acting
from tests.integration.desk.conftest import ENOUGH, FILE, TOKEN, Desk
from tests.integration.desk.journey import MESSAGE, Journey
from tests.integration.desk.test_pages import hidden


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "PATIENCE", ENOUGH)


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    file = tmp_path / "sarnakh.yaml"
    pages = "pages: [{pattern: 'nil.example/خدمات/سئو/*', team: seo}]"
    file.write_text(
        FILE.replace("{fallback: reception}", f"{{fallback: reception, {pages}}}"),
        encoding="utf-8",
    )
    made = Desk(database, file)
    yield made
    await made.api.aclose()


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.client({"Accept": "text/html"}) as client:
        await client.post("/sign-in", data={"token": TOKEN})
        yield client


async def fill(browser: httpx.AsyncClient, **form: str) -> httpx.Response:
    page = (await browser.get("/add")).text
    fields = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "kind": "call", **form}
    return await browser.post("/add", data=fields)


def captured(event: Event) -> LeadCaptured:
    assert isinstance(event.data, LeadCaptured)
    return event.data


async def test_a_call_goes_the_way_of_a_form_and_opens_its_lead(
    desk: Desk, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "PATIENCE", 5.0)
    page = (await browser.get("/add")).text
    assert 'value="https://nil.example/%D8%AE' in page
    await sit(browser, "sara")
    asked = asyncio.create_task(
        fill(browser, name="نگار", phone="۰۹۱۲ ۱۲۳ ۴۵۶۷", message=MESSAGE, consent="yes")
    )
    (event,) = await desk.said()
    data = captured(event)
    assert (data.kind, data.source, data.entered_by, data.region) == ("call", "desk", "sara", "IR")
    assert data.fields == {"name": "نگار", "phone": "۰۹۱۲ ۱۲۳ ۴۵۶۷", "message": MESSAGE}
    assert (data.consent, event.key) == (True, data.submission_id)
    way = Journey()
    way.submission = data.submission_id
    await desk.feed(event, way.enriched(), way.scored(), way.routed())
    answer = await asked
    assert answer.headers["location"] == f"/leads/{way.lead_id}"
    told = (await browser.get(answer.headers["location"])).text
    assert "سارا احمدی این تماس را ثبت کرد" in told


async def test_the_same_form_twice_is_one_and_what_is_late_is_followed(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    page = (await browser.get("/add")).text
    form = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "kind": "walk_in"}
    first = await browser.post("/add", data={**form, "name": "علی"})
    again = await browser.post("/add", data={**form, "name": "علی"})
    mended = await browser.post("/add", data={**form, "name": "علی رضایی"})
    assert first.headers["location"] == again.headers["location"]
    assert mended.headers["location"] != first.headers["location"]
    events = await desk.said(2)
    assert [captured(event).kind for event in events] == ["walk_in", "walk_in"]
    follow = first.headers["location"]
    assert "در راه است" in (await browser.get(follow)).text
    way = Journey()
    way.submission = captured(events[0]).submission_id
    await desk.feed(events[0], way.routed())
    assert (await browser.get(follow)).headers["location"] == f"/leads/{way.lead_id}"


async def test_rule_26_every_entry_has_its_number_in_the_desks_spool(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    for number in range(3):
        await fill(browser, name=f"n{number}")
    desk.tape.away = True
    await fill(browser, name="while the log is away")
    async with desk.database.transaction() as tx:
        spool, high, acked = (
            await tx.execute(text("SELECT CAST(spool AS text), high, acked FROM desk.spools"))
        ).one()
    records: list[Any] = desk.tape.records
    receipts = receipts_of(records)
    assert [(one.spool, one.sequence) for one in receipts] == [(spool, n) for n in (1, 2, 3)]
    assert (high, acked) == (4, 4)


async def test_rule_26_a_restored_database_gives_no_number_twice(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    for name in ("before the backup", "after it"):
        await fill(browser, name=name)
    async with desk.database.transaction() as tx:
        await tx.execute(text("UPDATE desk.spools SET high = high - 1 WHERE high > 0"))
    await fill(browser, name="after the restore")
    for _ in range(2):
        later = Desk(desk.database, desk.runtime.settings.data_dir / "sarnakh.yaml")
        await later.api.post("/api/submissions", json={"name": "x"})
        desk.tape.records += later.tape.records
        await later.api.aclose()
    events = await desk.said(4)
    receipts = receipts_of(desk.tape.records)  # type: ignore[arg-type]  # as stored ones
    entries = {one[:3] for one in receipts}
    assert len(entries) == len({(one.spool, one.sequence) for one in receipts}) == 5
    async with desk.database.transaction() as tx:
        await tx.execute(text("DELETE FROM desk.spools"))  # from before there were any
    await desk.feed(*events)
    async with desk.database.transaction() as tx:
        known = {
            str(row[0]): row[1]
            for row in await tx.execute(text("SELECT spool, high FROM desk.spools"))
        }
    assert known == {
        one.spool: max(o.sequence for o in receipts if o.spool == one.spool) for one in receipts
    }


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "نام، شماره یا ایمیل را بنویسید"),
        ({"name": "  ", "message": "x"}, "نام، شماره یا ایمیل را بنویسید"),
        ({"phone": "12"}, "این شماره درست نیست"),
        ({"name": "علی", "phone": "زنگ"}, "این شماره درست نیست"),
        ({"email": "a@b"}, "این ایمیل درست نیست"),
        ({"name": "x" * 201}, "بیش از اندازه بلند"),
        ({"name": "علی", "kind": "carrier pigeon"}, "خوانا نیست"),
        ({"name": "علی", "more": "1"}, "خوانا نیست"),
    ],
)
async def test_what_cannot_be_right_is_said_and_what_was_typed_stays(
    desk: Desk, browser: httpx.AsyncClient, form: dict[str, str], said: str
) -> None:
    answer = await fill(browser, **form)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{form.get("phone", "")}"' in answer.text
    assert desk.tape.records == []


async def test_programs_add_too_and_their_key_names_one_body(desk: Desk) -> None:
    async def post(body: dict[str, Any], **headers: str) -> httpx.Response:
        return await desk.api.post("/api/submissions", json=body, headers=headers)

    body = {"name": "Ali", "kind": "walk_in"}
    first = await post(body, **{"Idempotency-Key": "k"})
    again = await post(body, **{"Idempotency-Key": "k"})
    other = await post({**body, "name": "Omid"}, **{"Idempotency-Key": "k"})
    assert (first.status_code, again.json()) == (202, {**first.json(), **_when(again)})
    assert other.status_code == 422
    for wrong in ({}, {"name": ""}, {"name": "a", "x": 1}, {"phone": "1"}, {"consent": "perhaps"}):
        assert (await post(wrong)).status_code == 422
    (event,) = await desk.said()
    assert captured(event).entered_by == "api"


def _when(answer: httpx.Response) -> dict[str, Any]:
    return {"received_at": answer.json()["received_at"]}


async def sit(browser: httpx.AsyncClient, key: str) -> httpx.Response:
    page = (await browser.get("/me")).text
    form = {"csrf": hidden(page, "csrf"), "specialist": key, "next": "/?owner=me"}
    return await browser.post("/me", data=form)


async def test_whoever_says_who_they_are_sees_their_own_and_acts_by_name(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    mine, other = Journey(), Journey(name="دیگری")
    events = other.whole()
    events[3] = other.routed(assignment=other.assignment("omid"))
    await desk.feed(*mine.whole(), *events)
    assert "شما کدام‌یک هستید؟" in (await browser.get("/?owner=me")).text
    assert (await sit(browser, "nobody")).status_code == 422
    assert (await sit(browser, "sara")).headers["location"] == "/?owner=me"
    page = (await browser.get("/?owner=me")).text
    assert mine.lead_id in page
    assert other.lead_id not in page
    lead = (await browser.get(f"/leads/{mine.lead_id}")).text
    form = {"csrf": hidden(lead, "csrf"), "action": "contacted"}
    await browser.post(f"/leads/{mine.lead_id}/actions", data=form)
    (said,) = await desk.said()
    assert isinstance(said.data, Activity)
    assert said.data.actor == "sara"


async def test_a_note_stands_in_the_story_with_who_and_when_and_is_no_markup(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    way = Journey()
    await desk.feed(*way.whole())
    await sit(browser, "sara")
    page = (await browser.get(f"/leads/{way.lead_id}")).text
    words = "<b>ساعت ۵</b>\nزنگ"
    form = {"csrf": hidden(page, "csrf"), "action": "note", "text": words}
    asked = asyncio.create_task(browser.post(f"/leads/{way.lead_id}/actions", data=form))
    (said,) = await desk.said()
    assert isinstance(said.data, Activity)
    assert (said.data.type, said.key, said.data.data) == (
        "staff.noted",
        way.person,
        {"text": words},
    )
    await desk.feed(said)
    assert (await asked).headers["location"].endswith("?done=noted")
    told = (await browser.get(f"/leads/{way.lead_id}")).text
    assert "&lt;b&gt;ساعت ۵&lt;/b&gt;\nزنگ" in told
    assert "<bdi>سارا احمدی</bdi> ·" in told
    lines = (await desk.get(f"/api/leads/{way.lead_id}"))["timeline"]
    assert [(line["kind"], line["actor"]) for line in lines if line["kind"] == "noted"] == [
        ("noted", "sara")
    ]


@pytest.mark.parametrize("words", [None, "", "  ", "x" * 4001, 5])
async def test_a_note_has_words_and_a_bound(desk: Desk, words: Any) -> None:
    way = Journey()
    await desk.feed(*way.whole())
    body = {"action": "note", "text": words}
    answer = await desk.api.post(f"/api/leads/{way.lead_id}/actions", json=body)
    assert answer.status_code == 422
