"""A lead of which the desk has read something, and not yet itself: it is waited for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from libs.common import links
from services.desk.web import coming
from tests.fixtures.capture.waiting import until
from tests.integration.desk.conftest import TOKEN, Desk
from tests.integration.desk.journey import Journey, new

NOT_YET = (503, "5")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coming, "LOOK_SECONDS", 0.001)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two minutes instead of two seconds: a busy machine is slow to bring the lead."""
    monkeypatch.setattr(coming, "LOOKS", 1200)


def link(way: Journey) -> str:
    grant = links.Grant(way.lead_id, new(), "sara", datetime.now(UTC) + links.VALID_FOR)
    return f"/a/{links.mint(TOKEN, grant)}"


@pytest.mark.usefixtures("patient")
async def test_a_lead_whose_message_is_read_before_it_is_waited_for(desk: Desk) -> None:
    way = Journey()
    await desk.feed(way.captured(), way.settled())
    found = await desk.get(f"/api/submissions/{way.submission}")
    paths = (f"/api/leads/{found['lead_id']}", link(way))
    asked = [asyncio.create_task(desk.api.get(path)) for path in paths]
    await asyncio.wait(asked, timeout=0.2)  # they have looked, in vain
    await desk.feed(way.routed())
    for answer in await asyncio.gather(*asked):
        assert answer.status_code == 200, answer.text


@pytest.mark.usefixtures("short")
async def test_a_lead_that_does_not_come_is_not_called_unknown(desk: Desk) -> None:
    way = Journey()
    await desk.feed(way.settled())
    for method, path in (
        ("GET", f"/api/leads/{way.lead_id}"),
        ("POST", f"/api/leads/{way.lead_id}/actions"),
        ("GET", link(way)),
        ("POST", link(way)),
    ):
        answer = await desk.api.request(method, path, json={"action": "accept"})
        assert (answer.status_code, answer.headers["retry-after"]) == NOT_YET, path
    page = await desk.api.get(link(way), headers={"Accept": "text/html"})
    assert "هنوز خوانده نشده" in page.text


async def test_a_link_of_ours_to_a_lead_of_which_nothing_is_read_is_not_called_over(
    desk: Desk,
) -> None:
    answer = await desk.api.get(link(Journey()))
    assert (answer.status_code, answer.headers["retry-after"]) == NOT_YET


@pytest.mark.usefixtures("patient")
async def test_forty_who_wait_leave_the_stage_its_connection(desk: Desk) -> None:
    ways = [Journey() for _ in range(40)]
    await desk.feed(*(way.settled() for way in ways))
    asked = [asyncio.create_task(desk.api.get(f"/api/leads/{way.lead_id}")) for way in ways]
    await until(lambda: sum(one.done() for one in asked) >= len(asked) - coming.MOST)
    done, waiting = await asyncio.wait(asked, timeout=0.2)  # and no more of them
    assert len(waiting) == coming.MOST
    assert {(one.result().status_code, one.result().headers["retry-after"]) for one in done} == {
        NOT_YET
    }
    async with asyncio.timeout(60):  # less than they wait
        await desk.feed(*(way.routed() for way in ways))
    for answer in await asyncio.gather(*waiting):
        assert answer.status_code == 200, answer.text
