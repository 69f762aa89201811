"""A story says each thing once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec import structs

from libs.common.events import Activity, Change, Event, LeadCaptured, LeadScored, Note, Text
from services.desk.reading.story import lines
from tests.integration.desk.journey import NOW, Journey


def told(*events: Event) -> list[str]:
    return [line.text.en for event in events for line in lines(event, {})]


def with_data(event: Event, **changed: Any) -> Event:
    return structs.replace(event, data=structs.replace(event.data, **changed))


def test_a_fetched_lead_comes_in_once_and_then_has_its_content() -> None:
    way = Journey()
    first = with_data(way.captured(), kind="webhook", source="meta-main", hydrate=True, fields={})
    second = with_data(
        structs.replace(first, time=NOW + timedelta(minutes=2)),
        revision=2,
        hydrate=False,
        fields={"name": "Negar"},
    )
    assert told(first, second) == [
        "Came in from “meta-main”, on nil.example/خدمات/سئو",
        "The platform gave its content",
    ]
    (line,) = lines(second, {})
    assert line.at == NOW + timedelta(minutes=2)
    assert line.data["arrived"] == {"name": "Negar"}
    assert told(with_data(second, held="expired_at_platform")) == []


def test_a_known_person_is_recognised_in_one_line() -> None:
    way = Journey()
    known = Note("person_known", Text("می‌شناختیم", "This person was known already"))
    odd = Note("phone_read", Text("خوانده شد", "Read as …"))
    event = way.enriched(new_person=False, notes=(known, odd))
    assert told(event) == ["Read as …", "We know this person already"]
    both = Note("persons_joined", Text("یکی شد", "Two records were joined"), {"joined": ["x"]})
    joined = way.enriched(new_person=False, joined=("x",), notes=(known, both))
    assert told(joined) == ["Two records turned out to be one person and were joined"]
    assert next(lines(joined, {})).data == {"joined": ["x"]}
    held = way.enriched("quarantined", notes=(known,))
    assert told(held)[0] == "This person was known already"


def test_what_an_activity_changes_is_told_once_with_its_numbers() -> None:
    way = Journey()
    scored = with_data(way.scored(), submission_id=None)
    change = Change(
        "rescored",
        Text("قیمت را دید", "looked at prices"),
        NOW,
        data={"total": 40, "stage": "sql", "temperature": "warm"},
    )
    assert isinstance(scored.data, LeadScored)
    assert told(scored, way.routed(None, change)) == ["Scored 40, warm; looked at prices"]
    assert told(way.scored()) == ["Scored 50, warm; because a price was asked for"]


def test_a_submission_is_told_as_typed() -> None:
    event = Journey().captured()
    assert isinstance(event.data, LeadCaptured)
    (line,) = lines(with_data(event, extra={"a": ["x", "y"], "_sn": "t", "b": None}), {})
    assert line.data["arrived"] == {**event.data.fields, "a": "x، y"}


def test_a_visit_that_is_sent_again_is_told_as_one() -> None:
    texts = []
    for kind in ("activity", "webhook"):
        data = {"kind": kind, "source": "main", "digest": "d"}
        again = Activity("a", "submission.resent", NOW, submission_id="s", data=data)
        (line,) = lines(Event("e", "s", NOW, again), {})
        texts.append(line.text.en)
        assert line.data == {"source": "main", "digest": "d", "page": None}
    assert texts == [
        "This visit was sent again with other content; what came first counts",
        "The platform sent this lead again with new answers",
    ]


def test_a_later_message_of_a_chat_is_told_with_its_words() -> None:
    data = {"kind": "chat", "source": "tg", "message": "m", "contact": {"message": "قیمت؟"}}
    again = Activity("a", "submission.resent", NOW, submission_id="s", data=data)
    (line,) = lines(Event("e", "s", NOW, again), {})
    assert line.text.en == "Wrote again in the same chat"
    assert line.text.fa == "در همین گفت‌وگو باز هم پیام داد"
    assert line.data["contact"] == {"message": "قیمت؟"}


def test_what_was_found_in_a_later_message_is_told() -> None:
    found = {"code": "phone_verified", "text": {"fa": "ت", "en": "verified"}, "data": {"a": 1}}
    told = []
    for notes in ([found], [{"code": 5}], "x"):
        data = {"kind": "chat", "source": "tg", "message": "m", "notes": notes}
        again = Activity("a", "submission.resent", NOW, submission_id="s", data=data)
        *of_notes, wrote = lines(Event("e", "s", NOW, again), {})
        assert "notes" not in wrote.data
        told.append([(one.kind, one.text.en, one.data, one.submission_id) for one in of_notes])
    assert told == [[("phone_verified", "verified", {"a": 1}, "s")], [], []]


def test_a_message_after_the_end_is_told_as_a_beginning() -> None:
    anew = Activity("a", "submission.anew", NOW, submission_id="s", data={"message": "m"})
    (line,) = lines(Event("e", "p", NOW, anew), {})
    assert (line.kind, line.text.en) == (
        "anew",
        "Wrote after the lead was closed, which begins anew",
    )
    waited = {"message": "m", "waited": True}
    unmet = Activity("a", "submission.anew", NOW, submission_id="s", data=waited)
    (line,) = lines(Event("e", "p", NOW, unmet), {})
    assert (line.kind, line.text.en, line.data) == (
        "anew",
        "The message before it in this chat got stuck, so this one begins anew",
        {"message": "m"},
    )
