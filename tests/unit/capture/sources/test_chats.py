"""Live chats: what makes one person of a conversation, and quirks that no recorded call shows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.capture.sources import KINDS, Arrival
from services.capture.sources.conversation import name_of, rest_of
from services.capture.sources.goftino import GOFTINO
from services.capture.sources.tawk import TAWK
from tests.unit.capture.sources.recorded import recorded
from tests.unit.capture.sources.samples import knock, source

CHATS = ("chatwoot", "crisp", "intercom", "tawk", "goftino")


def goftino(**data: Any) -> Arrival:
    whole = {"chat_id": "c", "message_id": "m", "sender": {"from": "user"}, **data}
    body = json.dumps({"event": "new_message", "data": whole}).encode()
    (found,) = GOFTINO.parse(
        knock(body), source("goftino", fields={"name": "اسم", "phone": "تلفن"})
    )
    assert isinstance(found, Arrival)
    return found


def tawk(text: str, **fields: str) -> Arrival:
    message = {"text": text, "sender": {"type": "visitor"}}
    body = json.dumps({"event": "chat:start", "chatId": "c", "message": message}).encode()
    (found,) = TAWK.parse(knock(body), source("tawk", secret="s", fields=fields))
    assert isinstance(found, Arrival)
    return found


@pytest.mark.parametrize("name", CHATS)
def test_what_one_person_says_has_one_handle_by_the_platform_s_name(name: str) -> None:
    calls = [call for call in recorded() if call.kind.kind == name and not call.is_refused]
    arrivals = [a for call in calls for a in call.kind.parse(call.knock, call.configured())]
    handles = [a.fields["handle"] for a in arrivals if "handle" in a.fields]  # type: ignore[union-attr]  # none is taken back
    assert handles
    assert all(handle.startswith(f"{name}:") for handle in handles)
    assert len(set(handles)) < len(handles)
    assert KINDS[name].submits == "chat"


def test_two_installations_of_chatwoot_are_not_one_person() -> None:
    call = next(
        each for each in recorded() if each.delivery["file"] == "chatwoot-message-created.json"
    )
    handles = [
        call.kind.parse(call.knock, source("chatwoot", secret="s", key=key))[0].fields["handle"]  # type: ignore[union-attr]  # see above
        for key in ("shop", "clinic")
    ]
    assert handles == ["chatwoot:shop:41", "chatwoot:clinic:41"]


def test_an_older_chatwoot_proves_itself_by_its_address() -> None:
    configured = source("chatwoot", secret="secret-in-the-address")
    prove = KINDS["chatwoot"].prove
    assert prove(knock(b"{}", tail="secret-in-the-address"), configured, 0)
    assert not prove(knock(b"{}", tail="another"), configured, 0)
    assert not prove(knock(b"{}"), source("chatwoot"), 0)


@pytest.mark.parametrize(
    "made_up",
    ["V1719301234567890", "visitor607", "small-sunset-123", "کاربر ۹۹", "کاربر", "مهمان ۳", "Guest",
     "", " ", None, 5],
)  # fmt: skip
def test_a_name_that_the_widget_made_up_is_none(made_up: Any) -> None:
    assert name_of(made_up) is None


@pytest.mark.parametrize("name", ["Vahid", "سارا", "Anna-Maria Kovacs", "کاربردی", "Guestave"])
def test_a_name_is_a_name(name: str) -> None:
    assert name_of(name) == name


def test_the_configured_fields_win_over_what_the_platform_knows() -> None:
    fields = [{"label": "اسم", "value": "سارا"}, {"label": "تلفن", "value": "۰۹۱۲۱۱۱۰۰۰۰"},
              {"label": "موبایل", "value": "۰۹۳۵۱۱۱۰۰۰۰"}]  # fmt: skip
    found = goftino(fields=fields, sender={"from": "user", "name": "نام دیگر"}, content="سلام")
    assert (found.fields["name"], found.fields["phone"]) == ("سارا", "۰۹۱۲۱۱۱۰۰۰۰")
    assert found.extra["موبایل"] == "۰۹۳۵۱۱۱۰۰۰۰"


def test_a_name_in_two_fields_takes_the_place_of_the_platform_s() -> None:
    fields = [{"label": "نام کوچک", "value": "سارا"}, {"label": "نام خانوادگی", "value": "راد"}]
    found = goftino(fields=fields, sender={"from": "user", "name": "نام دیگر"})
    assert found.fields == {"handle": "goftino:c", "first_name": "سارا", "last_name": "راد"}


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("2026-11-21 13:30:00", datetime(2026, 11, 21, 10, 0, tzinfo=UTC)),
        ("2026-11-21T10:00:00+00:00", datetime(2026, 11, 21, 10, 0, tzinfo=UTC)),
        (1795255200, datetime(2026, 11, 21, 10, 0, tzinfo=UTC)),
        ("1405-08-30 13:30:00", None), ("0001-01-01", None), ("دیروز", None), (None, None),
        (5.5, None),
    ],
)  # fmt: skip
def test_goftino_s_times_are_tehran_s(date: Any, at: datetime | None) -> None:
    assert goftino(date=date).occurred_at == at


@pytest.mark.parametrize(
    "text",
    ["قیمت : چند؟", "به نشانی https://a.example : بله", "سلام\r\nName : Kian", "Time: 10:30"],
)
def test_a_sentence_with_a_colon_is_no_form(text: str) -> None:
    assert tawk(text).fields["message"] == text


def test_a_form_of_tawk_with_labels_of_its_own_is_read_by_the_mapping() -> None:
    found = tawk("چه بنامیمتان : مریم\r\nشهر : یزد", name="چه بنامیمتان")
    assert (found.fields, found.extra) == (
        {"handle": "tawk:c", "name": "مریم"},
        {"شهر": "یزد"},
    )


@pytest.mark.parametrize(
    ("text", "fields", "extra"),
    [
        (
            "Name : G\r\nEmail : g303@x.example\r\nهزینه چقدر است؟",
            {"name": "G", "email": "g303@x.example", "message": "هزینه چقدر است؟"},
            {},
        ),
        (
            "Phone : 09121110001\nکی باز است : شنبه\nسلام\nقیمت : چند؟",
            {"phone": "09121110001"},
            {"کی باز است": "شنبه\nسلام", "قیمت": "چند؟"},
        ),
        (
            "شهر : یزد\nنام : مریم\nسلام\n\nقیمت : چند؟\nEmail : no",
            {"name": "مریم", "message": "سلام\n\nقیمت : چند؟\nEmail : no"},
            {"شهر": "یزد"},
        ),
        (
            "Name : G\nشهر : یزد\nخیابان ۱\n\nسلام",
            {"name": "G", "message": "سلام"},
            {"شهر": "یزد\nخیابان ۱"},
        ),
        (
            "Message : سلام\nPhone : 09121110001\nوقت دارید؟",
            {"phone": "09121110001", "message": "سلام\nوقت دارید؟"},
            {},
        ),
        (
            "Name : G\n\nPhone : 09121110001",
            {"name": "G", "phone": "09121110001"},
            {},
        ),
        (
            "Name : G\nMessage : سلام\nوقت دارید؟\n\nممنون",
            {"name": "G", "message": "سلام\nوقت دارید؟\n\nممنون"},
            {},
        ),
    ],
)
def test_free_words_after_the_form_are_the_message(
    text: str, fields: dict[str, str], extra: dict[str, str]
) -> None:
    found = tawk(text)
    assert (found.fields, found.extra) == ({"handle": "tawk:c", **fields}, extra)


def test_words_after_a_mapped_contact_are_the_message() -> None:
    found = tawk("چه بنامیمتان : مریم\nسلام", name="چه بنامیمتان")
    assert found.fields == {"handle": "tawk:c", "name": "مریم", "message": "سلام"}


def test_what_is_left_of_an_object_has_no_empty_values_and_ids_as_text() -> None:
    whole = {"id": 5, "a": {"id": 2**60, "b": None, "c": [{}, {"user_id": 1}]}, "d": "", "e": False}
    assert rest_of(whole, "id") == {
        "a": {"id": str(2**60), "c": [{}, {"user_id": "1"}]},
        "e": False,
    }
    assert rest_of([1]) == rest_of(None) == {}
