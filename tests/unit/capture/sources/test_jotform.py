"""Jotform tells the address that it calls, and the secret is in it."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from services.capture.sources.jotform import parse_submission
from tests.unit.capture.sources.samples import body, knock, source

SECRET = "a b/c-8d2c"


@pytest.mark.parametrize("written", ["a b/c-8d2c", "a%20b/c-8d2c", "a%20b%2Fc-8d2c"])
@pytest.mark.parametrize("answers", ['{"q1_email": "a@b.example"}', "{"])
def test_the_secret_in_the_called_address_is_not_kept(written: str, answers: str) -> None:
    raw = urlencode(
        {
            "webhookURL": f"https://leads.example.ir/v1/webhooks/jotform/s/{written}",
            "submissionID": "61",
            "rawRequest": answers,
        }
    ).encode()
    (found,) = parse_submission(knock(raw), source("jotform", secret=["other", SECRET]))
    assert found.raw is not None
    assert b"8d2c" not in found.raw + found.content
    assert "8d2c" not in repr(found.extra)
    assert b"submissionID=61" in found.raw


def test_the_secret_is_not_kept_where_the_answers_tell_the_address_nor_in_small_escapes() -> None:
    address = "https://leads.example.ir/v1/webhooks/jotform/s/a b/c-8d2c"
    answers = json.dumps({"q1_email": "a@b.example", "webhookURL": address})
    raw = urlencode({"submissionID": "61", "rawRequest": answers, "webhookURL": address}).encode()
    for written in (raw, raw.replace(b"%2F", b"%2f")):
        (found,) = parse_submission(knock(written), source("jotform", secret=SECRET))
        assert found.fields == {"email": "a@b.example"}
        assert b"8d2c" not in (found.raw or b"") + found.content
        assert "8d2c" not in repr(found.extra)


def test_the_recorded_body_is_kept_but_for_the_secret() -> None:
    envelope = json.loads(body("jotform", "jotform-submission.json"))
    raw, headers = envelope["body"].encode(), envelope["headers"]
    call = knock(raw, content_type=headers["Content-Type"])
    (found,) = parse_submission(call, source("jotform", secret="8d2c"))
    assert found.raw == raw.replace(b"/8d2c", b"/***")


def test_the_configured_name_of_an_answer_may_be_written_with_its_number_or_without() -> None:
    answers = json.dumps({"q4_input4": "a@b.example", "q5_input5": "علی"})
    call = knock(urlencode({"submissionID": "61", "rawRequest": answers}).encode())
    mapped = source("jotform", fields={"email": "q4_input4", "name": "input5"})
    (found,) = parse_submission(call, mapped)
    assert found.fields == {"email": "a@b.example", "name": "علی"}


def test_what_has_no_id_and_no_name_that_is_known_is_held_once() -> None:
    raw = urlencode({"rawRequest": '{"q1_x": "1"}'}).encode()
    first, again = (parse_submission(knock(raw), source("jotform"))[0] for _ in range(2))
    assert first.held
    assert first.key == again.key is not None
