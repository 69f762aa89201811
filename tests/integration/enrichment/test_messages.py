"""The messages of a conversation's day are one submission (decision 0020)."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from libs.common.erasing import ASKED
from libs.common.events import Activity, Event, LeadCaptured, SubmissionEnriched
from tests.integration.enrichment.conftest import START, Captured, Service

HANDLE = {"handle": "telegram:178"}
SAID: tuple[dict[str, str], ...] = (
    {"message": "سلام"},
    {"message": "۰۹۱۲۱۲۳۴۵۶۷", "phone": "۰۹۱۲۱۲۳۴۵۶۷"},
    {"message": "من سارا احمدی هستم", "name": "سارا احمدی"},
)


class Talk:
    """One conversation of one day."""

    def __init__(self, captured: Captured) -> None:
        self._captured = captured
        self.id = str(uuid.uuid4())

    def said(self, fields: dict[str, str], *, after: float = 0, **given: Any) -> Event:
        """A message, with a message id of its own."""
        message = str(uuid.uuid4())
        return self._captured(
            HANDLE | fields,
            submission_id=self.id,
            message=message,
            body=message.encode(),
            after=after,
            kind="chat",
            source="tg",
            source_kind="telegram",
            key_owner="platform",
            **given,
        )


@pytest.fixture
def talk(captured: Captured) -> Talk:
    return Talk(captured)


def message_of(event: Event) -> str:
    assert isinstance(event.data, LeadCaptured)
    return event.data.message or ""


def anew(talk: Talk, person: str | None, said: Event) -> Event:
    """Routing's word that it found the lead closed."""
    data = Activity(
        str(uuid.uuid4()),
        "submission.anew",
        START,
        person_id=person,
        submission_id=talk.id,
        data={"message": message_of(said)},
    )
    return Event(data.activity_id, person or talk.id, START, data)


async def told(service: Service, *batch: Event) -> list[Any]:
    return [event.data for answer in await service.take(*batch) for event in answer.events]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_three_messages_are_one_submission_and_three_touches_in_any_order(
    service: Service, talk: Talk, order: tuple[int, ...]
) -> None:
    events = [talk.said(fields, after=n) for n, fields in enumerate(SAID)]
    answers = [await told(service, events[n]) for n in order]
    (first,), *later = answers
    assert isinstance(first, SubmissionEnriched)
    assert first.submission_id == talk.id
    assert [one[0].type for one in later] == ["submission.resent"] * 2
    assert [len(one) for one in later] == [1, 1]
    assert [one[0].data["message"] for one in later] == [message_of(events[n]) for n in order[1:]]
    assert all("verified" in one[0].data for one in later)
    assert await service.count("submissions") == 1
    assert await service.count("touches") == 3
    person = later[-1][0].data["person"]
    assert (person["name"], person["phone"]) == ("سارا احمدی", "+989121234567")
    assert await told(service, *events) == []


async def test_a_message_that_a_closed_lead_received_becomes_its_own_submission_once(
    service: Service, talk: Talk
) -> None:
    first, second = talk.said(SAID[0]), talk.said(SAID[1], after=1)
    (found,) = await told(service, first)
    await told(service, second)
    word = anew(talk, found.person_id, second)
    (again,) = await told(service, word)
    assert isinstance(again, SubmissionEnriched)
    assert (again.submission_id, again.outcome) == (message_of(second), "enriched")
    assert (again.person_id, again.contact.phone) == (found.person_id, "+989121234567")
    [note] = [note for note in again.notes if note.code == "wrote_anew"]
    assert note.data["arrived"]["message"] == SAID[1]["message"]
    assert await service.count("touches") == 2
    assert await service.count("resends") == 0
    assert await told(service, word, anew(talk, found.person_id, second), first, second) == []
    third = talk.said(SAID[2], after=2)
    (own,) = await told(service, third)
    assert own.submission_id == message_of(third), "the conversation's lead is another by now"
    rows = await service.rows("SELECT submission_id::text FROM enrichment.apart ORDER BY at")
    assert [row[0] for row in rows] == [message_of(second), message_of(third)]


async def test_rule_08_a_message_begins_anew_in_the_round_of_the_word_that_is_sent_again(
    service: Service, talk: Talk
) -> None:
    first, second = talk.said(SAID[0]), talk.said(SAID[1], after=1)
    (found,) = await told(service, first)
    await told(service, second)
    await told(service, structs.replace(anew(talk, found.person_id, second), round=1))
    rows = await service.rows("SELECT round FROM enrichment.submissions WHERE id = :id",
                              id=message_of(second))  # fmt: skip
    assert rows == [(1,)], "its events are of that round"


async def test_a_message_that_comes_again_with_the_word_that_it_begins_anew_is_told_once(
    service: Service, talk: Talk
) -> None:
    first, second = talk.said(SAID[0]), talk.said(SAID[1], after=1)
    (found,) = await told(service, first)
    await told(service, second)
    (again,) = await told(service, second, anew(talk, found.person_id, second))
    assert again.submission_id == message_of(second)
    assert await service.count("touches") == 2
    assert await service.count("resends") == 0


async def test_a_message_that_was_a_touch_stays_one_after_another_began_anew(
    service: Service, talk: Talk
) -> None:
    first, second, third = (talk.said(fields, after=n) for n, fields in enumerate(SAID))
    (found,) = await told(service, first)
    await told(service, second, third)
    await told(service, anew(talk, found.person_id, third))
    assert await told(service, first, second, third) == []
    assert await service.count("touches") == 3


async def test_rule_16_what_follows_a_held_message_is_judged_by_itself(
    service: Service, talk: Talk
) -> None:
    held = talk.said(SAID[0], held="unexpected_shape")
    (first,) = await told(service, held)
    assert first.outcome == "quarantined"
    (later,) = await told(service, talk.said(SAID[1], after=1))
    assert (later.outcome, later.person.phone) == ("enriched", "+989121234567")
    assert later.submission_id != talk.id


async def test_rule_29_who_writes_after_an_erasure_is_somebody_and_what_was_before_is_nothing(
    service: Service, talk: Talk
) -> None:
    first, second = talk.said(SAID[0]), talk.said(SAID[1], after=1)
    (found,) = await told(service, first)
    await told(service, second)
    asked = Activity(str(uuid.uuid4()), ASKED, START, actor="mina", person_id=found.person_id)
    await told(service, Event(asked.activity_id, found.person_id, START, asked))
    assert await told(service, first, second) == []
    later = (datetime.now(UTC) - START + timedelta(minutes=1)).total_seconds()
    (anew_,) = await told(service, talk.said(SAID[2], after=later))
    assert anew_.outcome == "enriched"
    assert anew_.submission_id != talk.id
    assert anew_.person_id != found.person_id
    assert (anew_.person.name, anew_.person.phone) == ("سارا احمدی", None)


async def test_a_message_that_an_older_capture_has_told_is_one_touch_more_and_no_third(
    service: Service, talk: Talk, captured: Captured
) -> None:
    new = talk.said(SAID[0])
    old = captured(
        HANDLE | SAID[0], submission_id=message_of(new), kind="chat", source="tg",
        source_kind="telegram", key_owner="platform",
    )  # fmt: skip
    (known,) = await told(service, old)
    (found,) = await told(service, new)
    assert (found.submission_id, found.person_id) == (talk.id, known.person_id), (
        "what was accepted under the conversation's id comes to an end under it"
    )
    assert await told(service, old, new) == []
    assert await service.count("touches") == 2
    later = talk.said(SAID[1], after=1)
    known_already = captured(
        HANDLE | SAID[1], submission_id=message_of(later), kind="chat", source="tg",
        source_kind="telegram", key_owner="platform",
    )  # fmt: skip
    await told(service, known_already)
    assert await told(service, later) == []


async def test_a_message_that_came_apart_is_sent_again_with_other_words(
    service: Service, talk: Talk
) -> None:
    await told(service, talk.said(SAID[0], held="unexpected_shape"))
    second = talk.said(SAID[0], after=1)
    (own,) = await told(service, second)
    assert isinstance(second.data, LeadCaptured)
    words = structs.replace(second.data, fields=HANDLE | SAID[1], digest="other")
    changed = structs.replace(second, id=str(uuid.uuid4()), data=words)
    (again,) = await told(service, changed)
    assert (again.type, again.submission_id) == ("submission.resent", own.submission_id)
    assert again.data["person"]["phone"] == "+989121234567"
    assert "message" not in again.data, "to a closed lead it is a platform's resend"
    assert await told(service, second, changed) == []


@pytest.mark.parametrize("held", [None, "unexpected_shape"])
async def test_rule_08_a_replayed_message_leaves_its_conversation_where_it_stands(
    service: Service, talk: Talk, held: str | None
) -> None:
    """The desk has begun a round of the conversation's submission, which ends in that round."""
    (first,) = await told(service, talk.said(SAID[0], held=held))
    replayed = structs.replace(talk.said(SAID[1], after=1), round=1)
    answers = [event for one in await service.take(replayed) for event in one.events]
    ends = [event for event in answers if isinstance(event.data, SubmissionEnriched)]
    [end] = [event for event in ends if event.key == talk.id or not held]
    assert isinstance(end.data, SubmissionEnriched)
    assert (end.round, end.data.submission_id) == (1, talk.id)
    assert (end.data.outcome, end.data.reason) == (first.outcome, first.reason)
    assert end.data.person_id == first.person_id
    assert end.data.contact.message == "سلام", "its own content"
    if not held:
        assert end.data.person.phone == "+989121234567"
    assert await service.rows("SELECT round FROM enrichment.submissions WHERE id = :id",
                              id=talk.id) == [(1,)]  # fmt: skip
    assert await told(service, replayed) == []


async def test_rule_08_a_message_that_came_apart_goes_its_way_anew_when_it_is_sent_again(
    service: Service, talk: Talk
) -> None:
    await told(service, talk.said(SAID[0], held="unexpected_shape"))
    second = talk.said(SAID[1], after=1)
    await told(service, second)
    ends = await told(service, structs.replace(second, round=1))
    assert message_of(second) in {one.submission_id for one in ends}
    assert await told(service, second) == []


async def test_an_id_that_is_none_hinders_nobody(service: Service, talk: Talk) -> None:
    said = talk.said(SAID[0])
    assert isinstance(said.data, LeadCaptured)
    odd = structs.replace(said, data=structs.replace(said.data, message="x"))
    (found,) = await told(service, odd)
    assert (found.submission_id, found.outcome) == (talk.id, "enriched")
