"""Telegram's updates: who it is, what a deep link says, and whose phone a contact is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from libs.common.configuration.schema import Qr
from services.capture.reading.starting import started
from services.capture.sources import KINDS, SOURCES, Arrival
from services.capture.sources.telegram import TELEGRAM, parse_update, prove
from tests.unit.capture.sources.samples import knock, source

SECRET = "tg_secret_test_005"
SOURCE = source("telegram", secret=SECRET)
CODES = {"TEH-0042": Qr(code="TEH-0042", target="https://nil.example/expo")}
PERSON = {"id": 5, "is_bot": False, "first_name": "ن"}


def update(**message: Any) -> bytes:
    whole = {"from": PERSON, "chat": {"id": 5, "type": "private"}, "date": 1795255200, **message}
    return json.dumps({"update_id": 1, "message": whole}).encode()


def test_nothing_that_is_answered_is_taken_for_an_order() -> None:
    assert json.loads(TELEGRAM.answer.body) == {}


@pytest.mark.parametrize(
    ("payload", "qr", "scan"),
    [
        ("TEH-0042", "TEH-0042", None), ("qr_TEH-0042", "TEH-0042", None), ("qr_none", None, None),
        ("sn_abc", None, "abc"), ("sn_", None, None), ("autumn", None, None),
    ],
)  # fmt: skip
def test_a_payload_is_looked_up_and_kept(payload: str, qr: str | None, scan: str | None) -> None:
    (found,) = parse_update(knock(update(text=f"/start {payload}")), SOURCE)
    origin = started(found.attribution, found.start, CODES)
    assert (origin.qr, origin.scan) == (qr, scan)
    assert found.extra["start"] == payload
    assert "message" not in found.fields


def test_what_a_person_writes_is_the_message() -> None:
    (found,) = parse_update(knock(update(text="سلام، قیمت؟")), SOURCE)
    assert found.fields["message"] == "سلام، قیمت؟"
    (photo,) = parse_update(knock(update(photo=[{}], caption="این")), SOURCE)
    assert (photo.fields["message"], photo.extra["attachment"]) == ("این", "photo")
    (alone,) = parse_update(knock(update(text="/start")), SOURCE)
    assert (alone.start, "message" in alone.fields) == (None, False)


@pytest.mark.parametrize("kind", ["telegram", "bale"])
def test_a_typed_name_counts_more_than_the_profile_s(kind: str) -> None:
    person = {**PERSON, "last_name": "ب"}
    (found,) = KINDS[kind].parse(
        knock(update(text="اسم من مریم کاظمی هست", **{"from": person})), source(kind)
    )
    assert isinstance(found, Arrival)
    assert found.fields == {
        "name": "مریم کاظمی", "handle": f"{kind}:5", "message": "اسم من مریم کاظمی هست",
    }  # fmt: skip
    assert (found.extra, found.nickname) == ({"profile_name": "ن ب"}, False)


def test_a_profile_s_name_stays_where_none_is_typed_or_the_words_are_another_s() -> None:
    told = "اسم من مریم کاظمی هست"
    mapped = source("telegram", fields={"first_name": "from.first_name"})
    for call, by, is_nickname in (
        (update(text="سلام"), SOURCE, True),
        (update(text=told, forward_date=1), SOURCE, True),
        (update(text=told), mapped, False),
    ):
        (found,) = parse_update(knock(call), by)
        assert (found.fields["first_name"], "name" in found.fields) == ("ن", False)
        assert ("profile_name" in found.extra, found.nickname) == (False, is_nickname)


def in_web_app(data: Any, **more: Any) -> Arrival:
    sent = update(web_app_data={"data": data, "button_text": "فرم"})
    (found,) = parse_update(knock(sent), source("telegram", secret=SECRET, **more))
    assert found.held is None
    assert found.proven == ()
    return found


def test_a_web_app_s_answers_are_read_as_any_form_s() -> None:
    found = in_web_app(
        '{"who": {"tel": "09127776655"}, "first_name": "مریم", "company": "نیل"}',
        fields={"phone": "who.tel"},
    )
    assert found.fields == {
        "first_name": "مریم", "phone": "09127776655", "company": "نیل", "handle": "telegram:5",
    }  # fmt: skip
    assert (found.extra["profile_name"], found.nickname) == ("ن", False)
    assert (found.conversation, found.reply) == ("5", {"chat": "5"})


@pytest.mark.parametrize(
    ("data", "message", "kept"),
    [
        ("ساعت ۵ زنگ بزنید", "ساعت ۵ زنگ بزنید", None),
        ('"ساعت ۵"', "ساعت ۵", None),
        ("09127776655", "09127776655", None),
        ('{"phone": "09127776655", "na', '{"phone": "09127776655", "na', None),
        ('{"phone": "1", "phone": "2"}', None, '{"phone": "1", "phone": "2"}'),
        ("[1]", None, [1]),
        ("{}", None, None),
        ("", None, None),
        (5, "5", None),
        (None, None, None),
    ],
)
def test_whatever_else_a_web_app_sends_is_its_words_or_kept(
    data: Any, message: str | None, kept: Any
) -> None:
    found = in_web_app(data)
    assert (found.fields.get("message"), found.extra.get("web_app_data")) == (message, kept)
    assert found.fields.get("phone") == ("09127776655" if "0912" in str(data) else None)
    assert (found.fields["first_name"], found.extra["button"]) == ("ن", "فرم")


def test_a_profile_s_name_is_a_nickname_whatever_a_web_app_calls_its_answers() -> None:
    found = in_web_app('{"profile_name": "x", "city": "اصفهان"}')
    assert (found.fields["first_name"], found.nickname) == ("ن", True)
    assert found.extra["web_app_data.profile_name"] == "x"
    assert "profile_name" not in found.extra


def test_nobody_is_somebody_else_by_what_a_web_app_says() -> None:
    found = in_web_app('{"handle": "telegram:6", "first_name": ["x"]}')
    assert found.fields["handle"] == "telegram:5"
    assert found.extra["web_app_data.handle"] == "telegram:6"


@pytest.mark.parametrize(
    ("press", "chat"),
    [
        ({"message": {"chat": {"id": 5, "type": "private"}}}, {"chat": "5"}),
        ({"message": {"chat": {"id": 5}, "business_connection_id": "b"}}, {}),
        ({}, {}),
        ({"message": {"chat": {"id": 6, "type": "private"}}}, None),
        ({"message": {"chat": {"id": 5, "type": "supergroup"}}}, None),
        ({"message": 5, "from": {**PERSON, "is_bot": True}}, None),
        ({"inline_message_id": "A"}, None),
        ({"data": ""}, None),
    ],
)
def test_a_press_counts_in_a_private_chat_and_is_answered_where_that_is_known(
    press: dict[str, Any], chat: dict[str, str] | None
) -> None:
    whole = {"update_id": 1, "callback_query": {"from": PERSON, "data": "x", **press}}
    found = parse_update(knock(json.dumps(whole).encode()), SOURCE)
    assert [one.reply for one in found] == ([] if chat is None else [chat])
    assert all((one.extra, one.start) == ({"button": "x"}, None) for one in found)


@pytest.mark.parametrize(
    "contact",
    [
        {"phone_number": "+98912", "user_id": 6}, {"phone_number": "+98912"},
        {"phone_number": "+98912", "user_id": True}, {"first_name": "x"},
    ],
)  # fmt: skip
def test_a_contact_that_is_not_the_sender_s_gives_no_phone(contact: dict[str, Any]) -> None:
    (found,) = parse_update(knock(update(contact=contact)), SOURCE)
    assert ("phone" in found.fields, found.proven) == (False, ())
    assert "shared_contact" in found.extra


@pytest.mark.parametrize(
    "raw",
    [
        *(
            json.dumps({"update_id": 1, name: {}}).encode()
            for name in ("edited_message", "channel_post", "new_kind")
        ),
        b'{"update_id": 1}',
        update(**{"from": {"id": 7, "is_bot": True}, "text": "x"}),
        update(chat={"id": 8, "type": "supergroup"}, text="x"),
        update(**{"from": None, "text": "x"}),
        update(pinned_message={}),
    ],
)  # fmt: skip
def test_other_updates_are_acknowledged_and_no_lead(raw: bytes) -> None:
    assert list(parse_update(knock(raw), SOURCE)) == []


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{}", b'{"update_id": "a b"}', b'{"update_id": 1, "message": 5}',
     b'{"update_id": 1, "callback_query": {"data": "x"}}',
     update(**{"from": {"id": None, "first_name": "x"}, "text": "x"})],
)  # fmt: skip
def test_what_is_odd_is_held(raw: bytes) -> None:
    assert [a.held for a in parse_update(knock(raw), SOURCE)] == ["unexpected_shape"]


def test_without_a_secret_it_is_taken_and_by_the_address_too() -> None:
    assert prove(knock(b"{}"), source("telegram"), 0)
    assert prove(knock(b"{}", tail=SECRET), SOURCE, 0)
    assert prove(knock(b"{}", tail=f"{SECRET}/their/own"), SOURCE, 0)
    assert not prove(knock(b"{}", tail=f"their/{SECRET}"), SOURCE, 0)
    assert not prove(knock(b"{}", tail="", x_lead_token=""), SOURCE, 0)


def test_kinds_have_names_of_their_own() -> None:
    assert len(KINDS) == len(SOURCES)
