"""Nobody accepts: the lead moves on once, then the manager is told once."""

from __future__ import annotations

import time
import uuid

import pytest

from tests.e2e.receiver import Receiver
from tests.e2e.system import eventually
from tests.plugins.installation import Install

pytestmark = pytest.mark.parametrize("install", ["embedded"], indirect=True, scope="module")


def handed(receiver: Receiver, lead_id: str) -> list[str]:
    """Who was told of the lead, reminders at half-time left out."""
    told = receiver.of_lead(lead_id)
    return [each.specialist for each in told if each.body["data"]["kind"] != "reminder"]


def test_rule_18_a_lead_that_nobody_accepts_moves_on_and_then_the_manager_hears(
    install: Install, receiver: Receiver
) -> None:
    system = install()
    text = system.config.read_text(encoding="utf-8")
    text = text.replace(
        "  fallback: reception\n", "  fallback: reception\n  sla: {accept_within: 2s, hops: 1}\n"
    )
    text = text.replace(
        "    name: {fa: سئو, en: SEO}\n", "    name: {fa: سئو, en: SEO}\n    manager: mina\n"
    )
    system.config.write_text(text, encoding="utf-8")
    system.up()
    answer = system.post_lead(
        {
            "phone": f"0912{uuid.uuid4().int % 10**7:07d}",
            "page_url": "https://nil.example/services/seo",
        }
    )
    lead_id = system.submission(answer.json()["submission_id"], "notified")["lead_id"]
    eventually(lambda: len(handed(receiver, lead_id)) == 3, 120, "two specialists and the manager")
    told = handed(receiver, lead_id)
    assert sorted(told[:2]) == ["reza", "sara"]
    assert told[2] == "mina"
    calm = time.monotonic() + 5  # what goes round for ever would go on being said
    while time.monotonic() < calm:
        assert len(handed(receiver, lead_id)) == 3
        time.sleep(0.2)
    kinds = [line["kind"] for line in system.lead(lead_id)["timeline"]]
    assert kinds.count("escalated") == 1
    assert system.settled_books()["balanced"]
