"""Meta's calls and the Graph API's answers, each in its expected class."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.capture.sources import graph, hub, meta, meta_leads
from services.capture.sources.arrival import Knock
from services.capture.sources.fetch import (
    Content,
    Explained,
    Failed,
    Item,
    Missing,
    Refused,
    Reply,
    Result,
    Throttled,
)
from tests.unit.capture.sources.samples import body, expected, knock, source, told

EXPECTED = expected("meta")
SOURCE = source("meta", secret=EXPECTED["secret"], verify_token=EXPECTED["verify_token"])
CLASSES = {"refused": Refused, "throttled": Throttled, "missing": Missing}


def reply(status: int, content: Any, **headers: str) -> Reply:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Reply(status, {n.replace("_", "-"): text for n, text in headers.items()}, raw)


def error(code: Any, status: int = 400, **more: Any) -> Reply:
    return reply(status, {"error": {"code": code, "message": "m", **more}})


def explained(found: Explained, form: Reply) -> Result:
    """What follows from the answer for the form."""
    told = found.by.read(form)
    assert isinstance(told, Result)
    return told if isinstance(told, Content) else found.otherwise(told)


@pytest.mark.parametrize("case", EXPECTED["deliveries"], ids=lambda case: case["file"])
def test_each_delivery_is_proven_and_becomes_what_was_written_down(case: dict[str, Any]) -> None:
    call = knock(body("meta", case["file"]), x_hub_signature_256=case["signature"])
    assert hub.prove(call, SOURCE, 0)
    assert not hub.prove(call._replace(body=call.body + b" "), SOURCE, 0)
    found = meta.parse_ids(call, SOURCE)
    assert [told(a, a.attribution, *case["arrivals"][0]) for a in found] == case["arrivals"]


@pytest.mark.parametrize("case", EXPECTED["replies"], ids=lambda case: case["file"])
def test_each_reply_becomes_what_was_written_down(case: dict[str, Any]) -> None:
    answer = Reply(case["status"], case["headers"], body("meta", case["file"]))
    if case["becomes"] != "content":
        found = meta_leads.read(Item("1290384756102938"), SOURCE, answer)
        assert isinstance(found, Throttled | Refused | Missing)
        assert isinstance(found, CLASSES[case["becomes"]])
        assert (found.code, getattr(found, "after", None)) == (case["code"], case.get("after"))
        return
    found = meta_leads.read(Item(case["arrival"]["key"]), SOURCE, answer)
    assert isinstance(found, Explained)
    assert found.by.remember == case.get("remember", "730184652907316")
    form = body("meta", case["form"]) if "form" in case else b"{}"
    content = explained(found, Reply(case.get("form_status", 200), {}, form))
    assert isinstance(content, Content)
    arrival = content.arrival
    assert told(arrival, arrival.attribution, *case["arrival"]) == case["arrival"]
    assert arrival.raw == answer.body


def test_invariant_21_escaped_persian_is_signed_as_it_travels() -> None:
    raw = (
        b'{"object":"page","entry":[{"id":"108724591836027","time":1762941600,"changes":'
        b'[{"field":"feed","value":{"message":"\\u0633\\u0644\\u0627\\u0645"}}]}]}'
    )
    right = "sha256=b754d41996df419f2e7439390b619b724075305d7a837682026153af6ac5f7a5"
    wrong = "sha256=bca07807e8187447696377257282194a9247639114012c3319a16af8b2583e99"
    assert hub.prove(knock(raw, x_hub_signature_256=right), SOURCE, 0)
    assert not hub.prove(knock(raw, x_hub_signature_256=wrong), SOURCE, 0)
    assert list(meta.parse_ids(knock(raw), SOURCE)) == []


@pytest.mark.parametrize("given_", ["", "sha256=", "sha1=0", "sha256=ی", "sha256=" + "0" * 64])
def test_invariant_21_what_is_no_signature_proves_nothing(given_: str) -> None:
    call = Knock("POST", "/", b"", {b"x-hub-signature-256": given_.encode()}, b"{}", "")
    assert not hub.prove(call, SOURCE, 0)


def test_two_secrets_are_taken_while_one_is_rotated_and_sha1_never() -> None:
    two = source("meta", secret=["new", "old"])
    old = hmac.new(b"old", b"{}", hashlib.sha256).hexdigest()
    sha1 = hmac.new(b"old", b"{}", hashlib.sha1).hexdigest()
    assert hub.prove(knock(b"{}", x_hub_signature_256=f"sha256={old}"), two, 0)
    assert not hub.prove(knock(b"{}", x_hub_signature=f"sha1={sha1}"), two, 0)


def test_the_handshake_gives_back_the_challenge_to_who_knows_the_token() -> None:
    told_url = json.loads(body("meta", EXPECTED["handshake"]["file"]))["url"]
    query = told_url.partition("?")[2].encode()
    call = Knock("GET", "/", query, {}, b"", "")
    answer = hub.shake_hands(call, SOURCE)
    assert answer is not None
    assert answer[:3] == (200, b"1158201444", b"text/plain")
    for wrong in (
        query.replace(b"token-test", b"token-tesu"), b"", b"hub.mode=subscribe",
        query.replace(b"subscribe", b"unsubscribe"),
    ):  # fmt: skip
        assert hub.shake_hands(call._replace(query=wrong), SOURCE) is None
    assert hub.shake_hands(call, source("meta", secret="s")) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"nonsense", b"{}", b'{"object":"page"}', b'{"object":"page","entry":{}}',
        b'{"object":"instagram","entry":[]}', b'{"object":"page","entry":[1]}',
        b'{"object":"page","entry":[{"changes":[{"field":"leadgen","value":{}}]}]}',
        b'{"object":"page","entry":[{"changes":[{"value":{"leadgen_id":"../me"}}]}]}',
    ],
)  # fmt: skip
def test_invariant_20_what_is_authentic_but_odd_is_held(raw: bytes) -> None:
    found = meta.parse_ids(knock(raw), SOURCE)
    assert [(a.held, a.hydrate) for a in found] == [("unexpected_shape", False)]
    again = meta.parse_ids(knock(raw), SOURCE)
    assert [a.key for a in again] == [a.key for a in found]


@pytest.mark.parametrize("file", ["messenger", "page-feed"])
def test_what_else_a_page_tells_is_acknowledged_and_no_more(file: str) -> None:
    assert list(meta.parse_ids(knock(body("instagram", f"instagram-{file}.json")), SOURCE)) == []


def test_one_bad_item_loses_none_of_the_others() -> None:
    good = {"field": "leadgen", "value": {"leadgen_id": 7}}
    bad = {"field": "leadgen", "value": {"leadgen_id": 1.5}}
    raw = json.dumps({"object": "page", "entry": [{"changes": [bad, good]}, 5]}).encode()
    found = meta.parse_ids(knock(raw), SOURCE)
    assert [a.held for a in found] == ["unexpected_shape", None, "unexpected_shape"]
    assert found[1].key == "7"
    assert all(a.raw is not None and len(a.raw) < len(raw) for a in found)


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [
        (error(1), Failed), (error(2), Failed), (error(100, 500), Failed),
        (error(100, is_transient=True), Failed), (error(999), Failed), (error("190"), Failed),
        (error(4), Throttled), (error(17), Throttled), (error(613), Throttled),
        (error(190, error_subcode=463), Refused), (error(102), Refused), (error(200), Refused),
        (error(10), Refused), (error(299), Refused), (error(368), Refused),
        (error(100, error_subcode=33), Missing), (error(100), Missing), (error(803, 404), Missing),
        (reply(502, b"<html>"), Failed), (reply(200, b'{"id": "7", "fi'), Failed),
        (reply(200, b""), Failed), (reply(429, b""), Throttled), (reply(302, b""), Failed),
        (reply(200, []), Content), (reply(200, {"id": "8", "field_data": []}), Content),
    ],
)  # fmt: skip
def test_errors_are_told_by_their_codes(answer: Reply, becomes: type) -> None:
    found = meta_leads.read(Item("7"), SOURCE, answer)
    assert isinstance(found, becomes)
    if isinstance(found, Content):
        assert (found.arrival.held, found.arrival.raw) == ("unexpected_shape", answer.body)


@pytest.mark.parametrize(
    ("code", "lacks"), [(190, "token"), (3, "right"), (200, "right"), (10, "right"), (100, "sight")]
)
def test_what_is_missing_is_told_by_the_code(code: int, lacks: str) -> None:
    found = graph.trouble(error(code))
    assert isinstance(found, Refused | Missing)
    assert found.lacks == lacks


@pytest.mark.parametrize(
    ("header", "after"),
    [
        ('{"1":[{"estimated_time_to_regain_access":19},{"x":3}]}', 1140),
        ('{"1":[{"estimated_time_to_regain_access":0}]}', None), ("nonsense", None), ("[]", None),
        ('{"1":[{"estimated_time_to_regain_access":"9"}]}', None), ('{"1":{}}', None),
        ('{"1":[{"estimated_time_to_regain_access":99999999}]}', 86400),
    ],
)  # fmt: skip
def test_the_wait_is_what_the_header_says_in_minutes(header: str, after: float | None) -> None:
    answer = error(80005)._replace(headers={"x-business-use-case-usage": header})
    assert meta_leads.read(Item("7"), SOURCE, answer) == Throttled("80005", after)


def test_the_token_is_in_a_header_and_never_in_the_address() -> None:
    asked = meta_leads.request(
        Item("12"), source("meta", access_token="tok", api_url="http://h:1/")
    )
    assert asked.url.startswith("http://h:1/v")
    assert "/12?fields=id,created_time," in asked.url
    assert "tok" not in asked.url
    assert asked.headers["authorization"] == "Bearer tok"
    assert meta_leads.request(Item("1"), SOURCE).url.startswith("https://graph.facebook.com/v")


def test_answers_that_come_twice_and_work_contacts() -> None:
    data = [
        {"name": "شماره_تماس", "values": ["09121112233"]},
        {"name": "work_email", "values": ["a@b.example"]},
        {"name": "x", "values": ["1"]}, {"name": "x", "values": "2"}, {"name": 5}, "junk",
        {"name": "empty", "values": []},
    ]  # fmt: skip
    found = meta_leads.read(Item("7"), SOURCE, reply(200, {"id": 7, "field_data": data}))
    assert isinstance(found, Content)
    assert found.arrival.fields == {"phone": "09121112233", "email": "a@b.example"}
    assert found.arrival.extra == {"x": ["1", "2"]}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["object", "entry", "changes", "field", "value", "leadgen_id", "error",
                         "code", "id", "field_data", "name", "values"]) | st.text(max_size=3),
        inner, max_size=4,
    ),
    max_leaves=15,
)  # fmt: skip


@given(_JSON)
def test_nothing_that_is_sent_or_answered_makes_it_fail(value: Any) -> None:
    raw = json.dumps(value).encode()
    meta.parse_ids(knock(raw), SOURCE)
    meta.parse_ids(knock(json.dumps({"object": "page", "entry": value}).encode()), SOURCE)
    meta_leads.read(Item("7"), SOURCE, Reply(200, {}, raw))
    meta_leads.read(Item("7"), SOURCE, reply(200, {"id": "7", "field_data": [value]}))


def test_of_several_answers_for_one_contact_each_is_a_candidate() -> None:
    said = {"email": ["no"], "work_email": ["w@firm.ir"], "phone_number": ["1", "09123456789"]}
    answers = [{"name": name, "values": values} for name, values in said.items()]
    content = meta_leads.read(Item("7"), SOURCE, reply(200, {"id": "7", "field_data": answers}))
    assert isinstance(content, Content)
    arrival = content.arrival
    assert arrival.fields == {"email": "no", "phone": "1"}
    assert arrival.candidates == {
        "email": {"email": "no", "work_email": "w@firm.ir"},
        "phone": {"phone_number": "1", "phone_number 2": "09123456789"},
    }
    assert arrival.extra["work_email"] == "w@firm.ir"
