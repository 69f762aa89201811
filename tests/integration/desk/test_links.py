"""The page behind a link in a message: looking changes nothing, its forms act once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import httpx
import pytest

from libs.common import links
from libs.common.events import Activity, Assignment, Change, Text
from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.journey import NOW, Journey, new


@pytest.fixture
async def way(desk: Desk) -> Journey:
    made = Journey()
    await desk.feed(*made.whole())
    return made


def link(way: Journey, specialist: str = "sara", **span: float) -> str:
    until = datetime.now(UTC) + (timedelta(**span) if span else links.VALID_FOR)
    grant = links.Grant(way.lead_id, "0d5d6d2e-1111-5222-8333-444455556666", specialist, until)
    return f"/a/{links.mint(TOKEN, grant)}"


@pytest.fixture
def browser(desk: Desk) -> httpx.AsyncClient:
    """Nobody who is signed in."""
    return desk.client({"Accept": "text/html"})


async def test_a_scanner_that_opens_everything_changes_nothing(
    desk: Desk, way: Journey, browser: httpx.AsyncClient
) -> None:
    for method in ("GET", "HEAD", "GET"):
        answer = await browser.request(
            method, link(way), headers={"Sec-Purpose": "prefetch", "Purpose": "prefetch"}
        )
        assert answer.status_code == 200
    assert not desk.tape.records
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert "set-cookie" not in answer.headers


class Press(NamedTuple):
    """A form of the page, what it tells, and how the lead looks when it was done."""

    form: dict[str, str]
    type: str
    reason: str | None
    came: dict[str, object]
    chip: str


@pytest.mark.parametrize(
    "press",
    [
        Press({"action": "accept"}, "staff.accepted", None, {"accepted_at": NOW}, "پذیرفته‌اید"),
        Press(
            {"action": "contacted"},
            "staff.contacted",
            None,
            {"accepted_at": NOW, "contacted_at": NOW},
            "تماس گرفته‌اید",
        ),
        Press(
            {"action": "decline", "reason": "spam"},
            "staff.declined",
            "هرزنامه است",
            {"accepted_at": None},
            "هنوز کسی نپذیرفته است",
        ),
    ],
    ids=lambda press: press.form["action"],
)
async def test_a_form_acts_as_the_specialist_and_twice_is_once(
    desk: Desk, way: Journey, browser: httpx.AsyncClient, press: Press
) -> None:
    form = press.form | {"version": str(way.version)}

    def send() -> asyncio.Task[httpx.Response]:
        return asyncio.create_task(browser.post(f"{link(way)}?lang=fa", data=form))

    asked = [send(), send()]
    told = (await desk.said())[0].data
    assert isinstance(told, Activity)
    assert (told.actor, told.lead_id) == ("sara", way.lead_id)
    assert (told.type, told.data.get("reason")) == (press.type, press.reason)
    assert told.data["assignment_id"]
    done = Change("done", Text("انجام شد", "Done"), NOW, cause=told.activity_id)
    await desk.feed(way.routed(None, done, **press.came))
    for answer in await asyncio.gather(*asked, send()):
        assert answer.status_code == 303
        assert answer.headers["location"].endswith("?lang=fa&done=noted")
    assert len(desk.tape.records) == 1
    shown = await browser.get(answer.headers["location"])
    assert press.chip in shown.text


@pytest.mark.parametrize("bad", ["cut", "forged", "late"])
async def test_a_link_that_is_not_valid_says_so_and_shows_nothing(
    desk: Desk, way: Journey, browser: httpx.AsyncClient, bad: str
) -> None:
    path = {
        "cut": link(way)[:-4],
        "forged": f"/a/{links.mint('another', links.Grant(way.lead_id, new(), 'sara', NOW))}",
        "late": link(way, seconds=-1),
    }[bad]
    for answer in (await browser.get(path), await browser.post(path, data={"action": "accept"})):
        assert answer.status_code == 410
        assert "نیلوفر" not in answer.text
    assert not desk.tape.records


async def test_a_link_is_void_once_the_lead_is_somebody_elses(
    desk: Desk, way: Journey, browser: httpx.AsyncClient
) -> None:
    given = Assignment(new(), "seo", "omid", "declined", Text("چون", "because"), (), 1, NOW)
    await desk.feed(way.routed(None, assignment=given))
    answer = await browser.post(f"{link(way)}?lang=fa", data={"action": "accept"})
    assert answer.status_code == 410
    assert "امید رضایی" in answer.text
    assert not desk.tape.records


async def test_a_link_is_void_once_the_lead_is_closed(
    desk: Desk, way: Journey, browser: httpx.AsyncClient
) -> None:
    await desk.feed(way.routed(None, state="won", closed_at=NOW))
    answer = await browser.get(f"{link(way)}?lang=en")
    assert answer.status_code == 410
    assert "This lead was won." in answer.text


async def test_another_sites_page_cannot_press_for_the_reader(
    desk: Desk, way: Journey, browser: httpx.AsyncClient
) -> None:
    answer = await browser.post(
        link(way), data={"action": "accept"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    for form in ({"action": "won"}, {"action": "decline"}, {"action": "decline", "reason": "x"}):
        assert (await browser.post(link(way), data=form)).status_code == 422
    assert not desk.tape.records


async def press(
    desk: Desk, way: Journey, browser: httpx.AsyncClient, version: int, **came: object
) -> str:
    """Press Accept on a page of that version while the lead becomes so; the notice."""
    form = {"action": "accept", "version": str(version)}
    before = len(desk.tape.records)
    asked = asyncio.create_task(browser.post(f"{link(way)}?lang=en", data=form))
    if came:
        told = (await desk.said(before + 1))[-1].data
        assert isinstance(told, Activity)
        done = Change("accepted", Text("شد", "Done"), NOW, cause=told.activity_id)
        await desk.feed(way.routed(None, done, **came))
    return (await asked).headers["location"].rpartition("=")[2]


async def test_what_the_page_offers_again_is_done_again(
    desk: Desk, way: Journey, browser: httpx.AsyncClient
) -> None:
    shown = way.version
    page = (await browser.get(f"{link(way)}?lang=en")).text
    assert page.count(f'name="version" value="{shown}"') == 3
    assert await press(desk, way, browser, shown, accepted_at=NOW) == "noted"
    assert await press(desk, way, browser, shown) == "noted", "a second press of one page is one"
    assert len(desk.tape.records) == 1
    kept = Change("kept", Text("ماند", "Kept"), NOW)
    await desk.feed(way.routed(None, kept, accepted_at=None))
    assert await press(desk, way, browser, way.version, accepted_at=NOW) == "noted"
    assert len(desk.tape.records) == 2
    await desk.feed(way.routed(None, kept, accepted_at=None))
    assert await press(desk, way, browser, shown, accepted_at=NOW) == "noted", "an old page"
    assert len({event.id for event in await desk.said(3)}) == 3


async def test_a_link_is_void_once_its_specialist_has_left(
    desk: Desk, way: Journey, browser: httpx.AsyncClient
) -> None:
    given = Assignment(new(), "seo", "gone", "declined", Text("چون", "because"), (), 1, NOW)
    await desk.feed(way.routed(None, assignment=given))
    for answer in (
        await browser.get(link(way, "gone")),
        await browser.post(link(way, "gone"), data={"action": "accept"}),
    ):
        assert answer.status_code == 410
        assert "نیلوفر" not in answer.text
    assert not desk.tape.records
