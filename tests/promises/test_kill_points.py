"""SIGKILL while staff act at the desk, and while a mistyped form is noted: done once, or undone."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from functools import partial

import httpx

from tests.e2e.looking import leads_of
from tests.e2e.providers import Providers
from tests.e2e.receiver import Receiver
from tests.e2e.system import TOKEN, System, eventually

GRACE = 10
"""Seconds in which a deed can be taken back."""


def dying_at(system: System, point: str) -> None:
    """Everything in one process, ready, that dies when it passes the point."""
    system.start("up", "up", SARNAKH_FAIL_POINT=point)
    system.wait_ready()


def wait_for_death(system: System, point: str) -> None:
    process = system.processes["up"]
    eventually(lambda: process.poll() is not None, 120, point)
    system.processes.pop("up")


def died_under(call: Callable[[], object]) -> bool:
    """Whether the call got no answer."""
    try:
        call()
    except httpx.TransportError:
        return True
    return False


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
    found: str = system.submission(answer.json()["submission_id"], "notified", seconds=120)[
        "lead_id"
    ]
    return found


def has_ended(system: System, lead: str) -> bool:
    return bool(system.lead(lead)["state"] == "lost")


def test_invariant_01_what_staff_do_survives_a_kill_at_each_of_its_points(
    receiver: Receiver, database_url: str
) -> None:
    """Each life ends at one point and begins with what the one before left.

    On one log: these points lie between the desk's own rows and its journal.
    """
    system = System(f"http://127.0.0.1:{receiver.port}", database=database_url)
    entry = {"name": "Negar", "phone": f"0912{uuid.uuid4().int % 10**7:07d}"}
    key = {"Idempotency-Key": uuid.uuid4().hex}

    def enter() -> httpx.Response:
        return system.desk.post("/api/submissions", json=entry, headers=key)

    try:
        dying_at(system, "desk.entered")
        assert died_under(enter)
        wait_for_death(system, "desk.entered")

        dying_at(system, "desk.held")
        assert entered_once(system, receiver, enter(), entry["phone"])
        lost = a_lead(system)
        page = Page(system, lost)
        assert died_under(partial(page.press, action="lost", reason="too dear"))
        wait_for_death(system, "desk.held")

        dying_at(system, "desk.undone")
        eventually(partial(has_ended, system, lost), 120, "the lead is lost")
        kinds = [line["kind"] for line in system.lead(lost)["timeline"]]
        assert kinds.count("lost") == 1
        kept = a_lead(system)
        page = Page(system, kept)
        page.press(action="lost", reason="a slip")
        pressed = time.monotonic()
        assert died_under(page.undo)
        wait_for_death(system, "desk.undone")

        dying_at(system, "capture.misaddressed.kept")
        assert mistyped(system) == 404
        wait_for_death(system, "capture.misaddressed.kept")

        system.up()
        assert mistyped(system) == 404
        eventually(partial(lists, system, "contcat"), 120, "the form is listed")
        while time.monotonic() < pressed + GRACE + 2:  # its moment, had it not been taken back
            time.sleep(0.2)
        a_lead(system)
        assert not has_ended(system, kept)
        assert system.settled_books()["balanced"]
    finally:
        system.remove()


def entered_once(system: System, receiver: Receiver, answer: httpx.Response, phone: str) -> bool:
    """Whether what staff put in again, after no answer, is one lead that one person heard of."""
    assert answer.status_code in {201, 202}, answer.text
    found = system.submission(answer.json()["submission_id"], "notified", seconds=120)
    assert [lead["id"] for lead in leads_of(system, 1, q=phone)] == [found["lead_id"]]
    return len(receiver.of_lead(found["lead_id"])) == 1


def mistyped(system: System) -> int:
    home = {"Origin": "https://nil.example", "Accept": "application/json"}
    return system.capture.post(
        "/v1/forms/contcat", data={"phone": "0912"}, headers=home
    ).status_code


def lists(system: System, form: str) -> bool:
    """Whether the health page tells of one post to that form."""
    found = system.desk.get("/api/health").raise_for_status().json()["misaddressed"]
    return [row["posts"] for row in found if row["form"] == form] == [1]


def test_invariant_13_what_died_as_it_began_to_be_sent_is_not_sent_again_and_told_elsewhere(
    receiver: Receiver, providers: Providers, database_url: str
) -> None:
    apart = System(f"http://127.0.0.1:{receiver.port}", database=database_url)
    try:
        providers.serve(apart)
        only_by_bot_under_mina(apart)
        dying_at(apart, "routing.begun")
        name = f"Negar {uuid.uuid4().hex[:6]}"
        page = "https://nil.example/services/seo"
        answer = apart.post_lead({"name": name, "email": "n@shop.example", "page_url": page})
        wait_for_death(apart, "routing.begun")
        apart.up()
        ends = ("notified", "undelivered")
        found = apart.submission(answer.json()["submission_id"], *ends, seconds=120)
        told = partial(receiver.of_lead, found["lead_id"])
        eventually(told, 120, "whoever answers for the team is told")
        chats = [posted for posted in providers.bot.chats if name in posted.text]
        assert chats == [], "it died before the first byte, and nobody can know that"
        assert [one.specialist for one in told()] == ["mina"]
    finally:
        apart.remove()


def only_by_bot_under_mina(system: System) -> None:
    """One route, so that nothing else is begun in the moment of death; and a manager."""
    text = system.config.read_text(encoding="utf-8")
    mail = ", {channel: email, to: sara@nil.example}"
    name = "    name: {fa: سئو, en: SEO}\n"
    assert mail in text
    assert name in text
    text = text.replace(mail, "").replace(name, f"{name}    manager: mina\n")
    system.config.write_text(text, encoding="utf-8")
