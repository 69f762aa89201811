"""From when on a list's leads are ours to bring: what was there before us never comes as new."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from libs.common.configuration import store as configurations
from libs.common.database.statements import text
from services.capture.reconciling.reconcile import OVERLAP
from tests.doubles.lists import CalendlyLists, TypeformLists
from tests.integration.capture.reconciling.reconciliation import (
    FIRST,
    ITEMS,
    LOST,
    Reconciliation,
    connected,
)


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


async def test_a_shorter_time_between_comparings_counts_at_once(typeform: Reconciliation) -> None:
    await connected(typeform)
    typeform.sends(LOST[0])
    await typeform.later(minutes=20)
    assert typeform.came() == {FIRST: 1}, "an hour is not over"
    typeform.configure(more=f"{typeform.needs}, reconcile: 15m")
    await typeform.run()
    assert typeform.came() == {FIRST: 1, LOST[0]: 1}


async def test_what_was_sent_just_before_the_first_call_is_not_ours(
    typeform: Reconciliation,
) -> None:
    typeform.sends(LOST[0], minutes=90)  # the release before this one noted no calls
    await connected(typeform)
    await typeform.later(hours=1)
    assert typeform.came() == {FIRST: 1}


@pytest.mark.parametrize("hours", [1, 30])
async def test_what_was_lost_before_the_very_first_call_is_ours_once_the_source_was_written_down(
    typeform: Reconciliation, hours: int
) -> None:
    """The subscription stood, and its first calls were lost; the token came a day later."""
    typeform.configure("")
    await written_down(typeform, typeform.now - timedelta(hours=hours))
    typeform.sends(LOST[1], hours=hours + 1)
    typeform.sends(LOST[0], minutes=50)
    typeform.sends(LOST[2], hours=OVERLAP.total_seconds() / 3600 + 1)
    typeform.sends(FIRST)
    await typeform.calls(FIRST)
    typeform.now += timedelta(days=1)
    typeform.configure()
    await typeform.run()
    assert typeform.came() == dict.fromkeys(ITEMS[:2], 1), "nothing of its past"
    assert typeform.told()[-1]["missing"] == 1


async def written_down(pulls: Reconciliation, at: datetime) -> None:
    """The file has named the source since then."""
    async with pulls.database.transaction() as tx:
        await configurations.keep(tx, "d", {"sources": [{"key": "ads", "kind": pulls.kind}]})
        await configurations.keep(tx, "e", {"sources": []})
        await tx.execute(text("UPDATE common.configurations SET at = :at"), {"at": at})


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
