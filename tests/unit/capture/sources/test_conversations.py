"""Which messages are one submission: those of one conversation, by its platform's own day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.capture.sources import Arrival
from services.capture.sources.arrival import odd
from services.capture.sources.chats import day_of
from tests.unit.capture.sources.recorded import recorded

AT = datetime(2026, 11, 22, 20, 29, tzinfo=UTC)
"""A minute before midnight in Tehran."""
TEHRAN = "Asia/Tehran"
SAID = Arrival("1", b"{}", conversation="178", occurred_at=AT)

TALKS = ("telegram", "bale", "rubika", "chatwoot", "crisp", "intercom", "tawk", "goftino")
"""Kinds of which all messages with an id, a conversation and a moment belong together."""


def test_a_day_is_the_organisation_s_and_its_midnight_begins_another() -> None:
    assert day_of(SAID, TEHRAN) == "conversation:178:2026-11-22"
    later = SAID._replace(key="2", occurred_at=AT + timedelta(minutes=1))
    assert day_of(later, TEHRAN) == "conversation:178:2026-11-23"
    assert day_of(later, "UTC") == day_of(SAID, "UTC")
    assert day_of(SAID._replace(conversation="179"), TEHRAN) != day_of(SAID, TEHRAN)


@pytest.mark.parametrize("lacking", ["key", "conversation", "occurred_at"])
def test_what_lacks_an_id_or_a_moment_of_its_own_is_a_submission_of_its_own(lacking: str) -> None:
    assert day_of(SAID._replace(**{lacking: None}), TEHRAN) is None  # type: ignore[arg-type]  # by name
    assert day_of(odd(b"{}")._replace(conversation="178", occurred_at=AT), TEHRAN) is None


@pytest.mark.parametrize("name", TALKS)
def test_the_recorded_messages_of_a_chat_have_its_conversation(name: str) -> None:
    calls = [call for call in recorded() if call.kind.kind == name and not call.is_refused]
    arrivals = [a for call in calls for a in call.kind.parse(call.knock, call.configured())]
    talks = [
        day for a in arrivals if isinstance(a, Arrival) and (day := day_of(a, TEHRAN)) is not None
    ]
    assert talks
    assert len(set(talks)) < len(talks), "some of them are of one conversation"


@pytest.mark.parametrize("name", ["whatsapp", "instagram"])
def test_what_can_be_taken_back_message_by_message_stays_one_submission_each(name: str) -> None:
    calls = [call for call in recorded() if call.kind.kind == name and not call.is_refused]
    arrivals = [a for call in calls for a in call.kind.parse(call.knock, call.configured())]
    assert all(day_of(a, TEHRAN) is None for a in arrivals if isinstance(a, Arrival))
