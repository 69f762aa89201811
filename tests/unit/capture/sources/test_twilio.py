"""Twilio's proof by its own library's vectors, and what a customer on the line gets to hear."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import MultiDict
from twilio.request_validator import (  # type: ignore[import-untyped]  # it brings no types
    RequestValidator,
)

from services.capture.sources.arrival import Knock
from services.capture.sources.twilio import TWILIO, parse_call, prove
from tests.unit.capture.sources.samples import source

SOURCE = source("twilio", secret="12345")
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
OFFICIAL = [
    ("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"), ("Digits", "1234"),
    ("From", "+14158675309"), ("To", "+18005551212"),
]  # fmt: skip
RINGING = {"CallSid": "CA1", "CallStatus": "ringing", "Direction": "inbound", "From": "+98912"}
FLOW = "https://flow.example/voice?a=1&b=<2>"


def call(body: bytes, signature: str = "", url: str = URL) -> Knock:
    headers = {
        b"content-type": b"application/x-www-form-urlencoded",
        b"x-twilio-signature": signature.encode(),
    }
    return Knock("POST", "/", url.partition("?")[2].encode(), headers, body, "", url)


def heard(values: dict[str, str], then: str = "") -> list[tuple[str, str | None]]:
    url = f"{URL}&then={quote(then, safe='')}" if then else URL
    answer = TWILIO.answering(call(urlencode(values).encode(), url=url), SOURCE)
    assert (answer.status, answer.content_type) == (200, b"text/xml")
    response = ET.fromstring(answer.body)  # noqa: S314 - our own
    assert response.tag == "Response"
    return [(verb.tag, verb.text or verb.get("reason")) for verb in response]


@pytest.mark.parametrize(
    ("url", "pairs", "signature"),
    [
        (URL, OFFICIAL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (
            URL,
            [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"),
             ("Digits", "1234")],
            "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        ),
    ],
)  # fmt: skip
def test_the_library_s_own_vectors_prove(
    url: str, pairs: list[tuple[str, str]], signature: str
) -> None:
    body = urlencode(pairs).encode()
    assert prove(call(body, signature, url), SOURCE, 0)
    assert prove(call(body, signature, url), source("twilio", secret=["new", "12345"]), 0)
    assert not prove(call(body, signature, url + "3"), SOURCE, 0)
    assert not prove(call(body + b"&x=", signature, url), SOURCE, 0)


def test_a_json_body_is_proven_by_its_digest_in_the_url() -> None:
    body = b'{"property": "value", "boolean": true}'
    digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    url = f"{URL}&bodySHA256={digest}"
    assert prove(call(body, "a9nBmqA0ju/hNViExpshrM61xv4=", url), SOURCE, 0)
    assert not prove(call(body + b" ", "a9nBmqA0ju/hNViExpshrM61xv4=", url), SOURCE, 0)
    assert [arrival.held for arrival in parse_call(call(body, "", url), SOURCE)]


@pytest.mark.parametrize("signed", ["https://a.example/x", "https://a.example:443/x"])
@pytest.mark.parametrize("asked", ["https://a.example/x", "https://a.example:443/x"])
def test_the_port_may_be_said_or_left_out(signed: str, asked: str) -> None:
    made = base64.b64encode(hmac.new(b"12345", signed.encode(), hashlib.sha1).digest()).decode()
    assert prove(call(b"", made, asked), SOURCE, 0)
    assert not prove(call(b"", made, asked.replace("a.example", "b.example")), SOURCE, 0)
    other = prove(call(b"", made, "https://a.example:8443/x"), SOURCE, 0)
    assert other is (signed == "https://a.example/x")
    assert not prove(call(b"", made, "https://a.example:x/x"), SOURCE, 0)


def test_a_call_that_rings_here_is_passed_on_or_honestly_rejected() -> None:
    assert heard(RINGING) == [("Reject", "busy")]
    assert heard(RINGING, FLOW) == [("Redirect", FLOW)]
    assert heard(RINGING, "javascript:alert(1)") == [("Reject", "busy")]


@pytest.mark.parametrize(
    "reported",
    [
        {"DialCallStatus": "completed"}, {"CallStatus": "completed"}, {"SequenceNumber": "1"},
        {"CallStatus": "in-progress"}, {"Direction": "outbound-api"}, {"DialCallStatus": "busy"},
    ],
)  # fmt: skip
def test_a_call_that_is_answered_or_over_gets_no_orders(reported: dict[str, str]) -> None:
    assert heard(RINGING | reported) == []


def test_who_was_not_answered_goes_on_to_the_voicemail_that_is_named() -> None:
    assert heard(RINGING | {"DialCallStatus": "no-answer"}, FLOW) == [("Redirect", FLOW)]
    assert heard(RINGING | {"DialCallStatus": "completed"}, FLOW) == []


def test_one_call_is_one_submission_however_often_its_end_is_told() -> None:
    told: list[dict[str, str]] = [
        RINGING,
        RINGING | {"CallStatus": "in-progress", "DialCallStatus": "no-answer"},
        RINGING | {"CallStatus": "busy", "SequenceNumber": "2"},
    ]
    found = [parse_call(call(urlencode(each).encode()), SOURCE)[0] for each in told]
    assert {(arrival.key, arrival.content) for arrival in found} == {("CA1", found[0].content)}


@given(body=st.binary(max_size=60), query=st.binary(max_size=60))
@settings(max_examples=60, deadline=None)
def test_invariant_20_no_call_makes_the_answer_fail(body: bytes, query: bytes) -> None:
    knock = Knock("POST", "/", query, {}, body, "", "http://[x")
    prove(knock, SOURCE, 0)
    ET.fromstring(TWILIO.answering(knock, SOURCE).body)  # noqa: S314 - our own


TEXTS = st.text(max_size=12)


@given(
    pairs=st.lists(st.tuples(TEXTS.filter(bool), TEXTS), max_size=6),
    port=st.sampled_from(["", ":443", ":8443"]),
    query=st.dictionaries(st.sampled_from("abc"), TEXTS, max_size=2),
    algorithm=st.sampled_from(["", "HMAC_SHA1", "hmac_sha256"]),
)
def test_what_its_own_library_signs_proves(
    pairs: list[tuple[str, str]], port: str, query: dict[str, str], algorithm: str
) -> None:
    url = f"https://leads.nil.example{port}/v1/webhooks/twilio/k?{urlencode(query)}"
    body = urlencode(pairs).encode()
    by_itself = RequestValidator("12345").compute_signature(url, MultiDict(pairs), algorithm)
    knock = call(body, by_itself, url)
    said = f"key=webhooks_sharedkey_1, algorithm={algorithm}".encode() if algorithm else b""
    headers = {**knock.headers, b"x-twilio-webhooks-signature-settings": said}
    assert prove(knock._replace(headers=headers), SOURCE, 0)
    asked = f"{url}&{urlencode(pairs)}"
    by_get = RequestValidator("12345").compute_signature(asked, {}, algorithm).encode()
    got = call(b"", "", asked)._replace(method="GET")
    proof = headers | {b"x-twilio-signature": by_get}
    assert prove(got._replace(headers=proof), SOURCE, 0)
    assert not prove(got._replace(headers=proof, url=f"{asked}&Digits=1"), SOURCE, 0)
    assert not prove(knock._replace(headers=headers, body=body + b"&Digits=1"), SOURCE, 0)
    other = {**headers, b"x-twilio-webhooks-signature-settings": b"algorithm=HMAC_MD5"}
    assert not prove(knock._replace(headers=other), SOURCE, 0)
