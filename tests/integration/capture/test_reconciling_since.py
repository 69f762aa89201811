"""From when on a list's leads are ours to bring: what was there before us never comes as new."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from libs.common.database import Database
from tests.doubles.lists import CalendlyLists, TypeformLists
from tests.integration.capture.reconciliation import (
    FIRST,
    ITEMS,
    LOST,
    Reconciliation,
    connected,
)


@pytest.fixture
async def typeform(database: Database, tmp_path: Path) -> AsyncIterator[Reconciliation]:
    made = Reconciliation("typeform", database, tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def calendly(database: Database, tmp_path: Path) -> AsyncIterator[Reconciliation]:
    made = Reconciliation("calendly", database, tmp_path)
    yield made
    await made.close()


async def test_a_form_that_is_added_brings_nothing_of_its_past(typeform: Reconciliation) -> None:
    await connected(typeform)
    await typeform.later(days=60)
    assert isinstance(typeform.platform, TypeformLists)
    typeform.sends(*LOST[:3], days=30)
    typeform.platform.form = "added"
    typeform.configure(more=', forms: ["lT4Z3j", "added"]')
    await typeform.run()
    assert typeform.came() == {FIRST: 1}
    typeform.sends(LOST[4])
    await typeform.later(hours=1)
    assert typeform.came() == {FIRST: 1, LOST[4]: 1}, "from then on"


async def test_what_was_sent_just_before_the_first_call_is_not_ours(
    typeform: Reconciliation,
) -> None:
    typeform.sends(LOST[0], minutes=90)  # the release before this one noted no calls
    await connected(typeform)
    await typeform.later(hours=1)
    assert typeform.came() == {FIRST: 1}


async def test_a_token_that_comes_later_brings_what_was_lost_since_the_first_call(
    typeform: Reconciliation,
) -> None:
    typeform.configure("")
    typeform.sends(FIRST)
    await typeform.calls(FIRST)
    typeform.sends(LOST[0], hours=-1)
    typeform.now += timedelta(days=2)
    typeform.configure()
    await typeform.run()
    assert typeform.came() == dict.fromkeys(ITEMS[:2], 1)


@pytest.mark.parametrize("booked", [timedelta(milliseconds=40), timedelta(days=1)])
async def test_bookings_of_meetings_that_were_there_before_us_are_not_ours(
    calendly: Reconciliation, monkeypatch: pytest.MonkeyPatch, booked: timedelta
) -> None:
    """An invitee is always younger than the meeting, by a day where many can book."""
    meeting, invitee = CalendlyLists.meeting, CalendlyLists.invitee

    def of_many(self: CalendlyLists, item: str) -> dict[str, Any]:
        return meeting(self, item) | {"invitees_counter": {"total": 2, "active": 2, "limit": 10}}

    def later(self: CalendlyLists, item: str) -> dict[str, Any]:
        made = (self.sent[item] + booked).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return invitee(self, item) | {"created_at": made}

    monkeypatch.setattr(CalendlyLists, "meeting", of_many)
    monkeypatch.setattr(CalendlyLists, "invitee", later)
    calendly.sends(*ITEMS[:3], days=3)
    await calendly.run()
    await calendly.later(hours=1)
    assert calendly.came() == {}
