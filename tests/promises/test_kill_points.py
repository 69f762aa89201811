"""SIGKILL while staff act at the desk, and while a mistyped form is noted: done once, or undone."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from tests.e2e.providers import Providers
from tests.e2e.receiver import Receiver
from tests.e2e.system import TOKEN, System, eventually

GRACE = 10
"""Seconds in which a deed can be taken back."""


@pytest.fixture(scope="module")
def system(receiver: Receiver) -> Iterator[System]:
    """On the embedded log: these points lie between the desk's own rows and its journal."""
    made = System(f"http://127.0.0.1:{receiver.port}")
    yield made
    made.remove()


def dying_at(system: System, point: str) -> None:
    """Everything in one process, ready, that dies when it passes the point."""
    if system.processes:
        system.stop()
    system.start("up", "up", SARNAKH_FAIL_POINT=point)
    system.wait_ready()


def risen(system: System, point: str) -> None:
    """Once it has died there: up again, as whoever looks after it would have it."""
    process = system.processes["up"]
    eventually(lambda: process.poll() is not None, 40, point)
    system.processes.pop("up")
    system.up()


def died_under(call: Any, *arguments: Any, **more: Any) -> bool:
    """Whether the call got no answer."""
    try:
        call(*arguments, **more)
    except httpx.TransportError:
        return True
    return False


@pytest.mark.timeout(200)
def test_invariant_01_what_staff_put_in_comes_once_though_the_desk_dies_under_it(
    system: System, receiver: Receiver
) -> None:
    dying_at(system, "desk.entered")
    entry = {"name": "Negar", "phone": f"0912{uuid.uuid4().int % 10**7:07d}"}
    key = {"Idempotency-Key": uuid.uuid4().hex}
    assert died_under(system.desk.post, "/api/submissions", json=entry, headers=key)
    risen(system, "desk.entered")
    answer = system.desk.post("/api/submissions", json=entry, headers=key)
    assert answer.status_code in {201, 202}, answer.text
    found = system.submission(answer.json()["submission_id"], "notified", seconds=60)
    assert [lead["id"] for lead in system.leads(q=entry["phone"])] == [found["lead_id"]]
    assert len(receiver.of_lead(found["lead_id"])) == 1
    assert system.settled_books()["balanced"]


class Page:
    """A member of staff in a browser, at one lead."""

    def __init__(self, system: System, lead: str) -> None:
        self.lead = lead
        self.http = httpx.Client(
            base_url=str(system.desk.base_url), headers={"Accept": "text/html"}
        )
        self.http.post("/sign-in", data={"token": TOKEN})

    def text(self) -> str:
        return self.http.get(f"/leads/{self.lead}").text

    def press(self, **form: str) -> None:
        page = self.text()
        fields = {name: hidden(page, name) for name in ("csrf", "key")}
        self.http.post(f"/leads/{self.lead}/actions", data={**fields, **form})

    def undo(self) -> None:
        page = self.text()
        fields = {name: hidden(page, name) for name in ("csrf", "activity", "lead")}
        self.http.post("/undo", data=fields)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, name
    return found[1]


def a_lead(system: System) -> str:
    answer = system.post_lead({"phone": f"0912{uuid.uuid4().int % 10**7:07d}"})
    found: str = system.submission(answer.json()["submission_id"], "notified", seconds=60)[
        "lead_id"
    ]
    return found


def has_ended(system: System, lead: str) -> bool:
    return bool(system.lead(lead)["state"] == "lost")


@pytest.mark.timeout(200)
def test_invariant_01_a_deed_that_was_held_back_is_done_once_though_the_desk_dies(
    system: System,
) -> None:
    dying_at(system, "desk.held")
    lead = a_lead(system)
    page = Page(system, lead)
    assert died_under(page.press, action="lost", reason="too dear")
    risen(system, "desk.held")
    eventually(partial(has_ended, system, lead), 40, "the lead is lost")
    kinds = [line["kind"] for line in system.lead(lead)["timeline"]]
    assert kinds.count("lost") == 1


@pytest.mark.timeout(200)
def test_invariant_01_a_deed_that_was_taken_back_stays_so_though_the_desk_dies(
    system: System,
) -> None:
    dying_at(system, "desk.undone")
    lead = a_lead(system)
    page = Page(system, lead)
    page.press(action="lost", reason="a slip")
    began = time.monotonic()
    assert died_under(page.undo)
    risen(system, "desk.undone")
    later = a_lead(system)
    while time.monotonic() < began + GRACE + 2:  # its moment, had it not been taken back
        assert not has_ended(system, lead)
        time.sleep(0.2)
    assert system.lead(later)["state"] == "open"
    assert not has_ended(system, lead)


@pytest.mark.timeout(200)
def test_invariant_01_a_mistyped_form_that_kills_the_note_of_it_holds_up_nobody(
    system: System,
) -> None:
    dying_at(system, "capture.misaddressed.kept")
    home = {"Origin": "https://nil.example", "Accept": "application/json"}
    told = system.capture.post("/v1/forms/contcat", data={"phone": "0912"}, headers=home)
    assert told.status_code == 404
    risen(system, "capture.misaddressed.kept")
    a_lead(system)
    system.capture.post("/v1/forms/contcat", data={"phone": "0912"}, headers=home)
    eventually(partial(lists, system, "contcat"), 20, "the form is listed")
    assert system.settled_books()["balanced"]


def lists(system: System, form: str) -> bool:
    """Whether the health page tells of one post to that form."""
    found = system.desk.get("/api/health").raise_for_status().json()["misaddressed"]
    return [row["posts"] for row in found if row["form"] == form] == [1]


@pytest.mark.timeout(200)
def test_invariant_13_what_died_as_it_began_to_be_sent_is_not_sent_again_and_told_elsewhere(
    receiver: Receiver, providers: Providers
) -> None:
    apart = System(f"http://127.0.0.1:{receiver.port}")
    try:
        providers.serve(apart)
        dying_at(apart, "routing.begun")
        name = f"Negar {uuid.uuid4().hex[:6]}"
        page = "https://nil.example/services/seo"
        answer = apart.post_lead({"name": name, "email": "n@shop.example", "page_url": page})
        risen(apart, "routing.begun")
        apart.submission(answer.json()["submission_id"], "notified", "undelivered", seconds=90)
        chats = [posted for posted in providers.bot.chats if name in posted.text]
        mails = [mail for mail in providers.mailbox.mails if name in str(mail["Subject"])]
        assert chats == [], "it died before the first byte, and nobody can know that"
        assert len(mails) == 1
    finally:
        apart.remove()
