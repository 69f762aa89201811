"""A chat from outside: its messages are one submission, until somebody closes its lead."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import yaml

from services.capture.door.door import submission_id_of
from tests.e2e.looking import lead_that, told_once
from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

SECRET = "tg-secret-of-the-tests"
BEGAN = 1795255200
"""2026-11-21, 10:00 in UTC: all of it is one day, whenever the test runs."""
WORDS = ("سلام، برای سئو پیام می‌دهم", "شماره من ۰۹۱۲ ۳۴۵ ۶۷ ۸۹ است", "من سارا احمدی هستم")
LATER = "هنوز می‌خواهم"


@pytest.fixture(scope="module")
def system(own_install: Install) -> System:
    made = own_install()
    with_a_bot(made)
    made.up()
    return made


def with_a_bot(system: System) -> None:
    """Write it into the configuration of an installation that is not started yet."""
    whole = yaml.safe_load(system.config.read_text("utf-8"))
    whole["sources"].append(
        {"key": "bot", "kind": "telegram", "secret": SECRET, "page": "nil.example/services/seo"}
    )
    system.config.write_text(yaml.safe_dump(whole, allow_unicode=True), "utf-8")


def say(system: System, number: int, words: str, chat: int = 5123456789) -> httpx.Response:
    """A message as Telegram brings it."""
    return bring(system, number, message={**message_of(number, chat), "text": words})


def message_of(number: int, chat: int) -> dict[str, Any]:
    """What every message of a person's says, whatever is in it."""
    return {
        "message_id": number,
        "date": BEGAN + number,
        "from": {"id": chat, "is_bot": False, "first_name": "S", "language_code": "fa"},
        "chat": {"id": chat, "type": "private"},
    }


def bring(system: System, number: int, **update: Any) -> httpx.Response:
    """An update as Telegram brings it."""
    return system.capture.post(
        "/v1/webhooks/telegram/bot",
        json={"update_id": 812000000 + number, **update},
        headers={"X-Telegram-Bot-Api-Secret-Token": SECRET},
    )


def words(lead: dict[str, Any]) -> list[str]:
    """What was written, by the lead's story; each message once."""
    told = [line["data"].get("arrived", {}).get("message") for line in lead["timeline"]]
    return sorted(one for one in told if one)


def accepted(system: System, count: int) -> dict[str, Any]:
    """The books, once so many are accepted and none is on its way."""

    def look() -> dict[str, Any] | None:
        books = system.books()
        return books if (books["accepted"], books["in_flight"]) == (count, 0) else None

    return eventually(look, 60, f"{count} accepted")


@pytest.mark.timeout(240)
def test_three_messages_out_of_order_and_five_times_each_are_one_lead(
    system: System, receiver: Receiver
) -> None:
    sent = [(number, words) for number, words in enumerate(WORDS) for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda each: say(system, *each), reversed(sent)))
    assert {answer.status_code for answer in answers} == {200}
    whole = submission_id_of("telegram", "bot", "conversation:5123456789:2026-11-21")
    submission = system.submission(whole, "notified", seconds=60)
    lead = lead_that(system, submission["lead_id"], lambda one: one["touch_count"] == 3, 60)
    assert lead["contact"]["phone"] == "+989123456789"
    assert lead["contact"]["name"] == "سارا احمدی"
    assert words(lead) == sorted(WORDS)
    assert {touch["submission_id"] for touch in lead["touches"]} == {whole}
    books = accepted(system, 1)
    assert books["balanced"], books["problems"]
    assert told_once(receiver, lead["id"], 60).body["data"]["kind"] == "assigned"
    assert len(system.leads()) == 1

    url = f"/api/leads/{lead['id']}/actions"
    system.desk.post(url, json={"action": "lost", "reason": "spam"}).raise_for_status()
    lead_that(system, lead["id"], lambda one: one["state"] == "lost", 60)
    assert say(system, 9, LATER).status_code == 200
    found = eventually(lambda: system.leads(state="open"), 60, "a new lead")
    assert [one["id"] != lead["id"] for one in found] == [True]
    again = lead_that(system, found[0]["id"], lambda one: one["assignment"], 60)
    assert again["assignment"]["specialist"] == lead["assignment"]["specialist"]
    assert (again["touch_count"], words(again)) == (1, [LATER])
    told_once(receiver, again["id"], 60)
    books = accepted(system, 2)
    assert books["balanced"], books["problems"]


@pytest.mark.timeout(240)
def test_what_is_filled_in_and_pressed_in_a_chat_stands_on_its_one_lead(system: System) -> None:
    chat, first = 5123456799, 100
    assert say(system, first, "سلام", chat).status_code == 200
    whole = submission_id_of("telegram", "bot", f"conversation:{chat}:2026-11-21")
    lead_id = system.submission(whole, "notified", seconds=60)["lead_id"]
    filled = {"data": '{"name": "مریم کاظمی", "tel": "09127776655", "city": "یزد"}'}
    answers = {"web_app_data": filled | {"button_text": "فرم"}}
    button = {"text": "با من تماس بگیرید", "callback_data": "call:1"}
    below = {**message_of(first, chat), "reply_markup": {"inline_keyboard": [[button]]}}
    press = {"id": "1", "from": below["from"], "message": below, "data": "call:1"}
    for _ in range(2):
        answered = bring(system, first + 1, message={**message_of(first + 1, chat), **answers})
        pressed = bring(system, first + 2, callback_query=press)
        assert (answered.status_code, pressed.status_code) == (200, 200)
    known = {"phone": "+989127776655", "name": "مریم کاظمی"}
    written = sorted(["سلام", button["text"]])

    def tells_all(lead: dict[str, Any]) -> bool:
        found = {name: lead["contact"][name] for name in known}
        return (lead["touch_count"], found, words(lead)) == (3, known, written)

    lead_that(system, lead_id, tells_all)
    system.submission(submission_id_of("telegram", "bot", f"{812000000 + first + 2}"), "duplicate")
    assert system.settled_books()["balanced"]
