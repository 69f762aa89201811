"""Who calls: numbers as telephone platforms write them, and those that hide."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.capture.sources import KINDS
from services.capture.sources.calls import phone_of
from tests.doubles.signing import Sent, signed
from tests.unit.capture.sources.samples import arrivals_in, knock, source


@pytest.mark.parametrize(
    "caller", ["+989121112233", "(303) 555-1212", "+1 303-555-1212", "۰۹۱۲۱۱۱۲۲۳۳"]
)
def test_a_number_is_one_however_it_is_grouped(caller: str) -> None:
    assert phone_of(f" {caller} ") == caller


@pytest.mark.parametrize(
    "caller",
    [
        None, 5, "", "anonymous", "+266696687", "266696687", "+7 378 742 833",
        "sip:100@nil.example", "100.64.0.1", "client:sara", "1234", "1" * 16, "-----",
        "Sara 09121112233",
    ],
)  # fmt: skip
def test_who_hides_and_what_is_no_number_gives_none(caller: Any) -> None:
    assert phone_of(caller) is None


def test_a_number_that_is_no_text_is_read_as_its_digits() -> None:
    call = {"id": "CAL1", "answered": False, "customer_phone_number": 989121112233}
    found = KINDS["callrail"].parse(
        knock(json.dumps(call).encode()), source("callrail", secret="s")
    )
    assert [arrival.fields for arrival in arrivals_in(found)] == [{"phone": "989121112233"}]


def called(**said: Any) -> dict[str, Any]:
    return {"id": "1", "content": "hi", "source_number": "+989121112233", **said}


@pytest.mark.parametrize(
    ("said", "tail", "count"),
    [
        ({}, "", 1),
        ({"direction": "inbound"}, "text-message-received", 1),
        ({"direction": "outgoing"}, "", 0),
        ({"tracking_phone_number": "+989121112233"}, "", 0),
        ({"tracking_phone_number": "+15555550100"}, "", 1),
        ({}, "text-message-sent", 0),
    ],
)
def test_what_we_write_ourselves_is_no_lead(said: dict[str, Any], tail: str, count: int) -> None:
    raw = json.dumps(called(**said)).encode()
    found = KINDS["callrail"].parse(knock(raw, tail), source("callrail", secret="s"))
    assert len(found) == count
    assert all(arrival.held is None for arrival in arrivals_in(found))


@pytest.mark.parametrize("moment", ["", None, 5, "2026-11-21 10:00:00 UTC", "now"])
def test_a_call_that_says_no_moment_that_can_be_read_is_proven_by_its_signature(
    moment: Any,
) -> None:
    call = {"id": "CAL1", "answered": False, "timestamp": moment}
    raw = json.dumps(call).encode()
    made = signed("callrail", Sent(raw, "s", 0, "", {}))
    assert KINDS["callrail"].prove(knock(raw, **made), source("callrail", secret="s"), 5.0)


def filled_in(answers: dict[str, Any], **known: Any) -> Any:
    raw = json.dumps({"id": "F1", "form_data": answers, **known}).encode()
    (found,) = arrivals_in(KINDS["callrail"].parse(knock(raw), source("callrail", secret="s")))
    return found


def test_what_callrail_knows_of_a_visitor_stands_beside_what_they_typed() -> None:
    known = {"customer_phone_number": "+989121112233", "customer_email": "sara@example.ir"}
    found = filled_in({"Phone": "later", "Email": "later"}, **known)
    assert found.fields == {"phone": "later", "email": "later"}
    assert found.candidates == {
        "phone": {"Phone": "later", "customer_phone_number": "+989121112233"},
        "email": {"Email": "later", "customer_email": "sara@example.ir"},
    }
    assert found.extra == known


def test_a_picture_that_somebody_sends_us_is_a_text_message_without_words() -> None:
    said = {"id": "1", "content": None, "source_number": "+989121112233"}
    (found,) = arrivals_in(
        KINDS["callrail"].parse(knock(json.dumps(said).encode()), source("callrail", secret="s"))
    )
    assert (found.held, found.fields) == (None, {"phone": "+989121112233"})
