"""A lead reaches a specialist's phone: accepted in one place, seen accepted in all."""

from __future__ import annotations

import uuid

import httpx
import pytest

from tests.e2e.looking import lead_that
from tests.e2e.providers import Providers
from tests.e2e.system import eventually
from tests.plugins.installation import Install

pytestmark = pytest.mark.parametrize("install", ["embedded"], indirect=True, scope="module")


def test_accepted_in_telegram_is_accepted_everywhere(
    install: Install, providers: Providers
) -> None:
    system = install()
    providers.serve(system)
    system.up()
    name = f"نیلوفر {uuid.uuid4().hex[:6]}"
    body = {
        "name": name,
        "phone": f"0912{uuid.uuid4().int % 10**7:07d}",
        "message": "سئو می‌خواهم",
        "page_url": "https://nil.example/services/seo",
    }
    submission = system.post_lead(body).json()["submission_id"]
    lead_id = system.submission(submission, "notified")["lead_id"]
    [posted] = eventually(lambda: providers.bot.chats, 120, "the message")
    assert list(posted.buttons)[:3] == ["می‌پذیرم", "تماس گرفتم", "نمی‌پذیرم"]
    path = providers.link(name)

    with httpx.Client(base_url=system.desk.base_url, timeout=10) as phone:
        assert "هنوز کسی نپذیرفته" in phone.get(path).text
        assert system.lead(lead_id)["accepted_at"] is None

        providers.bot.press(posted.buttons["می‌پذیرم"])
        eventually(lambda: system.lead(lead_id)["accepted_at"], 120, "accepted")
        eventually(lambda: "سارا پذیرفت" in posted.text, 120, "the message says so")
        assert "پذیرفته‌اید" in phone.get(path).text

        answer = phone.post(path, data={"action": "contacted"}, follow_redirects=True)
        assert "تماس گرفته‌اید" in answer.text
    lead_that(system, lead_id, lambda lead: lead["contacted_at"])
    eventually(lambda: "سارا تماس گرفت" in posted.text, 120, "the message says so")
    assert not {"می‌پذیرم", "تماس گرفتم", "نمی‌پذیرم"} & posted.buttons.keys()

    told = lead_that(system, lead_id, lambda lead: len(lead["notifications"]) > 1)["notifications"]
    assert sorted(each["channel"] for each in told) == ["email", "telegram"]
    assert len(providers.bot.chats) == len(providers.mailbox.mails) == 1
    assert system.settled_books()["balanced"]
    assert "the-secret-part" not in system.output()
    assert system.output().count("SARNAKH_DESK_URL") == 1
