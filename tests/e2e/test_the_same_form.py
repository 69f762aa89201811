"""A form whose sender gives no id: pressed twice it is one submission, later another one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e.looking import lead_that, told_once
from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

TOKEN = "page-token-of-the-tests"
BEGAN = (datetime.now(UTC) - timedelta(days=1)).replace(hour=9, minute=59)
"""By the sender's clock, so that nothing here waits for a minute to pass."""


@pytest.fixture(scope="module")
def system(own_install: Install) -> System:
    made = own_install()
    whole = yaml.safe_load(made.config.read_text("utf-8"))
    whole["sources"].append({"key": "lp", "kind": "unbounce", "secret": TOKEN})
    made.config.write_text(yaml.safe_dump(whole, allow_unicode=True), "utf-8")
    made.up()
    return made


def press(system: System, minutes: int) -> httpx.Response:
    """The same form so many minutes after the first time, as Unbounce brings it."""
    at = BEGAN + timedelta(minutes=minutes)
    lead = {
        "name": ["نیلوفر"],
        "phone": ["09121110001"],
        "ip_address": ["203.0.113.13"],
        "date_submitted": [f"{at:%Y-%m-%d}"],
        "time_submitted": [f"{at:%I:%M %p} UTC"],
    }
    return system.capture.post(
        "/v1/webhooks/unbounce/lp",
        data={"data.json": json.dumps(lead), "page_name": "سئو"},
        headers={"X-Lead-Token": TOKEN},
    )


def accepted(system: System, count: int) -> dict[str, Any]:
    """The books, once so many are accepted and none is on its way."""

    def look() -> dict[str, Any] | None:
        books = system.books()
        return books if (books["accepted"], books["in_flight"]) == (count, 0) else None

    return eventually(look, 60, f"{count} accepted")


def arrivals_told(lead: dict[str, Any]) -> list[dict[str, str]]:
    """What was typed, each time that its story says that it came."""
    return [line["data"]["arrived"] for line in lead["timeline"] if "arrived" in line["data"]]


@pytest.mark.timeout(240)
def test_five_presses_around_the_turn_of_a_minute_are_one_submission_and_a_later_one_another(
    system: System, receiver: Receiver
) -> None:
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda minute: press(system, minute), (1, 0, 1, 0, 1)))
    assert {answer.status_code for answer in answers} == {200}
    books = accepted(system, 1)
    assert books["balanced"], books["problems"]
    (found,) = eventually(system.leads, 60, "a lead")
    told_once(receiver, found["id"], 60)

    assert press(system, 31).status_code == 200
    lead = lead_that(
        system,
        found["id"],
        lambda one: one["touch_count"] == 2 and len(arrivals_told(one)) > 1,  # by two topics
        60,
    )
    books = accepted(system, 2)
    assert books["balanced"], books["problems"]
    assert len({touch["submission_id"] for touch in lead["touches"]}) == 2
    assert [one["phone"] for one in arrivals_told(lead)] == ["09121110001"] * 2
    assert len(system.leads()) == 1
