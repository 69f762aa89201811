"""SIGKILL between a press, its activity and the changed message: done once, and seen."""

from __future__ import annotations

import uuid
from functools import partial

import pytest

from tests.doubles.telegram import Posted
from tests.e2e.providers import Providers
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

POINTS = ("routing.reply.taken", "routing.edited")


def killed_at(point: str, system: System, told: Providers) -> str:
    """A lead that is accepted by a press, in an installation that dies on the way."""
    system.start("up", "up", SARNAKH_FAIL_POINT=point)
    system.wait_ready()
    body = {
        "phone": f"0912{uuid.uuid4().int % 10**7:07d}",
        "page_url": "https://nil.example/services/seo",
    }
    submission = system.post_lead(body).json()["submission_id"]
    lead_id: str = system.submission(submission, "notified")["lead_id"]
    told.bot.press(told.bot.chats[-1].buttons["می‌پذیرم"])
    process = system.processes["up"]
    eventually(lambda: process.poll() is not None, 120, point)
    system.processes.pop("up")
    system.up()
    return lead_id


def is_accepted(system: System, lead_id: str) -> bool:
    return bool(system.lead(lead_id)["accepted_at"])


def says_accepted(posted: Posted) -> bool:
    return "سارا پذیرفت" in posted.text


@pytest.mark.parametrize("install", ["embedded"], indirect=True)
def test_a_press_survives_a_kill_and_counts_once(install: Install, providers: Providers) -> None:
    system = install()
    providers.serve(system)
    for count, point in enumerate(POINTS, start=1):
        lead_id = killed_at(point, system, providers)
        eventually(partial(is_accepted, system, lead_id), 120, "accepted")
        kinds = [line["kind"] for line in system.lead(lead_id)["timeline"]]
        assert kinds.count("accepted") == 1
        posted = providers.bot.chats[-1]
        eventually(partial(says_accepted, posted), 120, "the message says so")
        assert len(providers.bot.chats) == count
        system.stop()
