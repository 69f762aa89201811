"""A slip is undone before anybody hears of it; what is not undone is done, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from libs.common.database.statements import text
from libs.common.events import Activity, Assignment, Change, Event, Text
from libs.common.stage.inputs import Inputs
from services.desk.acting import acting, actions, holding
from services.desk.acting.taking import Conflict
from services.desk.store.staff import Deed
from tests.integration.desk.conftest import ENOUGH, TOKEN, Desk
from tests.integration.desk.journey import NOW, Journey, new
from tests.integration.desk.test_pages import hidden

LOST = {"action": "lost", "reason": "گران بود"}


@pytest.fixture
async def way(desk: Desk) -> Journey:
    made = Journey()
    await desk.feed(*made.whole())
    return made


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.client({"Accept": "text/html"}) as client:
        await client.post("/sign-in", data={"token": TOKEN})
        yield client


async def press(browser: httpx.AsyncClient, way: Journey, key: str = "", **form: str) -> str:
    """Send a form of the lead's page as a browser without scripts does; the page after it."""
    page = (await browser.get(f"/leads/{way.lead_id}")).text
    fields = {"csrf": hidden(page, "csrf"), "key": key or hidden(page, "key"), **form}
    answer = await browser.post(f"/leads/{way.lead_id}/actions", data=fields)
    if answer.status_code != 303:
        return answer.text
    return (await browser.get(answer.headers["location"])).text


async def undo(browser: httpx.AsyncClient, page: str, **form: str) -> httpx.Response:
    names = ("csrf", "activity", "lead")
    fields = {name: hidden(page, name) for name in names if f'name="{name}" value="' in page}
    return await browser.post("/undo", data={**fields, **form})


async def assigned(desk: Desk) -> str:
    """The assignment of the one lead, as the desk knows it."""
    async with desk.database.transaction() as tx:
        rows = await tx.execute(text("SELECT body -> 'assignment' ->> 'id' FROM desk.leads"))
        return str(rows.scalar_one())


async def fire(desk: Desk) -> int:
    """What the chores of any desk process do twice a second."""
    return await Inputs("desk", desk.runtime).take_due_timers()


async def test_what_is_undone_in_time_never_leaves_the_desk(
    desk: Desk, browser: httpx.AsyncClient, way: Journey
) -> None:
    page = await press(browser, way, **LOST)
    assert "«از دست رفت» می‌شود" in page
    inbox = (await browser.get("/")).text
    assert "«از دست رفت» می‌شود" in inbox
    assert 'action="/undo"' in inbox
    answer = await undo(browser, page)
    assert answer.headers["location"] == f"/leads/{way.lead_id}?done=undone"
    assert "برگردانده شد" in (await browser.get(answer.headers["location"])).text
    assert 'action="/undo"' not in (await browser.get("/")).text
    twice = await undo(browser, page)
    assert twice.status_code == 303
    async with desk.database.transaction() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM desk.timers"))).scalar_one() == 0
    assert desk.tape.records == []


@pytest.mark.parametrize("action", ["lost", "decline"])
async def test_what_is_not_undone_is_done_once_by_whichever_process_comes_first(
    desk: Desk,
    browser: httpx.AsyncClient,
    way: Journey,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
) -> None:
    monkeypatch.setattr(holding, "GRACE", timedelta())
    page = await press(browser, way, "one", action=action, reason="x")
    await press(browser, way, "one", action=action, reason="x")
    assert [await fire(desk), await fire(desk)] == [1, 0]
    (said,) = await desk.said()
    assert isinstance(said.data, Activity)
    kind = {"lost": "staff.lost", "decline": "staff.declined"}[action]
    told = {"reason": "x", "assignment_id": await assigned(desk)}
    assert (said.data.type, said.key, said.data.data) == (kind, way.person, told)
    assert said.id == said.data.activity_id
    change = Change(action, Text("شد", "Done"), NOW, "staff", said.id)
    await desk.feed(way.routed(None, change))
    late = await undo(browser, page, activity=said.id, lead=way.lead_id, csrf=hidden(page, "csrf"))
    assert late.status_code == 409
    assert "دیگر نمی‌شود برگرداند" in late.text
    after = (await browser.get(f"/leads/{way.lead_id}")).text
    assert 'action="/undo"' not in after
    await press(browser, way, "one", action=action, reason="x")
    assert await fire(desk) == 0


async def test_the_same_form_again_moves_nothing_and_another_waits_its_turn(
    desk: Desk, browser: httpx.AsyncClient, way: Journey
) -> None:
    await press(browser, way, "one", **LOST)
    async with desk.database.transaction() as tx:
        first = (await tx.execute(text("SELECT id, due_at FROM desk.timers"))).all()
    await press(browser, way, "one", **LOST)
    refused = await press(browser, way, "two", action="decline", reason="x")
    assert "در راه است" in refused
    async with desk.database.transaction() as tx:
        assert (await tx.execute(text("SELECT id, due_at FROM desk.timers"))).all() == first


async def test_programs_are_not_made_to_wait(
    desk: Desk, way: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "PATIENCE", ENOUGH)
    answer = await desk.api.post(f"/api/leads/{way.lead_id}/actions", json=LOST)
    assert answer.status_code == 202
    assert len(desk.tape.records) == 1


async def test_discarding_is_held_and_can_be_asked_for_again(desk: Desk) -> None:
    held = Journey()
    await desk.feed(held.captured(), held.enriched("quarantined"))
    made = holding.Holding(desk.database)
    deed = Deed("sara", "discard", f"submission:{held.submission}")
    first = await made.discard(held.submission, deed)
    await made.undo(first.activity_id, deed)
    again = await made.discard(held.submission, deed)
    assert again.activity_id == first.activity_id
    assert again.row["undone_at"] is None
    async with desk.database.transaction() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM desk.timers"))).scalar_one() == 1


@pytest.mark.parametrize("activity", ["", "x", "00000000-0000-0000-0000-000000000000"])
async def test_undoing_nothing_is_an_error_page(
    browser: httpx.AsyncClient, way: Journey, activity: str
) -> None:
    page = (await browser.get(f"/leads/{way.lead_id}")).text
    form = {"csrf": hidden(page, "csrf"), "activity": activity}
    assert (await browser.post("/undo", data=form)).status_code == 404
    assert (await browser.post("/undo", data={"activity": activity})).status_code == 403


def moved(way: Journey) -> Event:
    given = Assignment(new(), "seo", "omid", "staff", Text("چون", "because"), (), 1, NOW)
    return way.routed(None, Change("assigned", Text("شد", "Done"), NOW), assignment=given)


@pytest.mark.parametrize("action", ["decline", "lost", "accept", "won"])
async def test_a_page_that_shows_an_older_assignment_decides_nothing(
    desk: Desk, browser: httpx.AsyncClient, way: Journey, action: str
) -> None:
    page = (await browser.get(f"/leads/{way.lead_id}")).text
    shown = hidden(page, "assignment")
    assert shown == await assigned(desk)
    await desk.feed(moved(way))
    form = {"action": action, "assignment": shown}
    if action in {"decline", "lost"}:
        form["reason"] = "x"
    assert "دست‌به‌دست" in await press(browser, way, "late", **form)
    assert await press(browser, way, "late", **form)
    assert await fire(desk) == 0
    assert not desk.tape.records


async def test_what_is_held_is_for_the_assignment_that_was_shown(
    desk: Desk, browser: httpx.AsyncClient, way: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "GRACE", timedelta())
    shown = await assigned(desk)
    await press(browser, way, "one", action="decline", reason="x", assignment=shown)
    await desk.feed(moved(way))
    again = await press(browser, way, "one", action="decline", reason="x", assignment=shown)
    assert "دست‌به‌دست" not in again, "a repeat is no second wish"
    assert await fire(desk) == 1
    (said,) = await desk.said()
    assert isinstance(said.data, Activity)
    assert said.data.data["assignment_id"] == shown


async def test_two_who_decline_at_the_same_moment_are_one(desk: Desk, way: Journey) -> None:
    made = holding.Holding(desk.database)
    action = actions.Action(action="decline", reason="x")
    answers = await asyncio.gather(
        *(
            made.hold(
                way.lead_id, action, f"key {n}", Deed(f"{n}", "decline", "lead:x", digest="x")
            )
            for n in range(6)
        ),
        return_exceptions=True,
    )
    assert [isinstance(one, holding.Held) for one in answers].count(True) == 1
    assert [isinstance(one, Conflict) for one in answers].count(True) == 5
    async with desk.database.transaction() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM desk.timers"))).scalar_one() == 1
