"""One message for many leads, in every form that a message takes, in both languages."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest

from libs.common.configuration.schema import Configuration
from services.routing.channels import keyboard, webhook
from services.routing.channels.console import Console
from services.routing.channels.letter import letter
from services.routing.channels.telegram import written
from services.routing.messages.message import Message, Surroundings
from services.routing.sending.summary import LAST_RESORT, compose, others
from services.routing.store.summaries import SummaryMessage
from tests.unit.routing.messages.samples import PLANNED
from tests.unit.routing.samples import LEAD_FILE, a_plan

LIST = "0f3c9c1e-8f5a-4f0e-9d35-6b1f6c2a7d10"
WORDS = {
    "fa": ("سرنخ‌های یک فهرست", "۴۸ سرنخ از فهرست «expo.csv»", "دیدن سرنخ‌ها"),
    "en": ("Leads of a list", "48 leads of the list “expo.csv”", "See the leads"),
}


def a_summary(**more: Any) -> SummaryMessage:
    return SummaryMessage(
        **{
            "id": "8c1f6a52-4a51-5d0e-9a57-2f6f0f4b9c11",
            "summary_id": "summary",
            "kind": "assigned",
            "recipient": "sara",
            "channel": "email",
            "address": "",
            "state": "sending",
            "attempts": 1,
            "planned_at": PLANNED,
            "error": None,
            "owner": "sara",
            "team": "seo",
            "leads": 48,
            "list_id": LIST,
            "list_name": "expo.csv",
            **more,
        }
    )


def a_message(language: str = "fa", **more: Any) -> Message:
    file = {**LEAD_FILE, "organisation": {"name": "Nil", "languages": [language]}}
    around = Surroundings("https://desk.nil.example", "secret", Configuration.model_validate(file))
    return compose(a_summary(**more), around)


@pytest.mark.parametrize("language", WORDS)
def test_it_says_how_many_of_which_list_and_leads_to_them(language: str) -> None:
    message = a_message(language)
    heading, count, button = WORDS[language]
    address = f"https://desk.nil.example/?owner=sara&list={LIST}"
    mail = letter(message, "sara@nil.example", "leads@nil.example")
    assert mail["Subject"] == f"{heading}: {count}"
    plain, drawn = (part.get_content() for part in mail.iter_parts())
    for text in (plain, unescape(drawn)):
        assert count in text
        assert address in text
        assert message.why.of(language) in text
    assert button in drawn
    assert drawn.count(f'href="{address.replace("&", "&amp;")}"') == 1
    for marked in (True, False):
        said = written(message, marked=marked)
        assert heading in said
        assert count.partition("expo")[0] in said
    ((found,),) = keyboard.of_message(message)["inline_keyboard"]
    assert found == {"text": button, "url": address}


def test_nothing_of_a_single_lead_is_said() -> None:
    body = json.loads(webhook.body(a_message("en")))
    assert body["type"] == "leads.listed"
    assert set(body["data"]) == {
        "notification_id", "kind", "list", "leads", "team", "specialist", "why", "url",
    }  # fmt: skip
    assert (body["data"]["list"], body["data"]["leads"]) == ({"id": LIST, "name": "expo.csv"}, 48)
    said = written(a_message("en"))
    assert "How ready" not in said
    assert "No name" not in said


async def test_the_console_says_it_in_a_line() -> None:
    said: list[str] = []

    async def begin() -> bool:
        return True

    await Console(said.append).send(a_message("en", leads=1), "", None, begin)
    (line,) = said
    what, _, address = line.rpartition(" · ")
    assert what == "Leads of a list → sara (seo) · 1 lead of the list “expo.csv”"
    assert address == f"https://desk.nil.example/?owner=sara&list={LIST}"


@pytest.mark.parametrize("name", ["<b>x</b>\r\nBcc: a@b.example", "a" * 5000, "\u202eevil"])
def test_invariant_23_a_files_name_is_no_markup_no_header_and_no_page(name: str) -> None:
    message = a_message("en", list_name=name)
    mail = letter(message, "sara@nil.example", "leads@nil.example")
    assert mail["Bcc"] is None
    _plain, drawn = (part.get_content() for part in mail.iter_parts())
    assert "<b>x" not in drawn
    assert "\u202e" not in mail["Subject"] + drawn
    assert len(written(message)) < 4096
    assert "<b>x" not in written(message).replace("<b>Leads", "")


def test_a_reminder_is_worded_otherwise_and_leads_to_the_owners_leads() -> None:
    message = a_message("en", kind="reminder", recipient="mina")
    assert written(message).startswith("<b>A list may be unheard of")
    assert "Sara has these leads" in message.why.en
    assert "owner=sara" in message.url


def test_others_are_the_manager_by_ways_not_tried_and_at_last_the_console() -> None:
    plan, message = a_plan(), a_summary()
    assert others(message, plan, set()) == ("mina", [LAST_RESORT])
    assert others(message, plan, {("console", "")}) == ("mina", [])
