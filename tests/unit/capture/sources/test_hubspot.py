"""HubSpot: a proof over the address, contacts that count once, and what API errors ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.capture.sources import hubspot, hubspot_contacts
from services.capture.sources.arrival import Knock, Withdrawn
from services.capture.sources.fetch import (
    Content,
    Failed,
    Item,
    Missing,
    Refused,
    Reply,
    Result,
    Throttled,
)
from tests.doubles.signing import Sent, signed
from tests.unit.capture.sources.samples import body, expected, knock, source, told

EXPECTED = expected("hubspot")
SOURCE = source("hubspot", secret=EXPECTED["secret"], access_token="tok")
NOW = EXPECTED["clock"]
KEY = "12345678:987"
CLASSES = {"refused": Refused, "throttled": Throttled}


def reply(status: int, content: Any = b"", **headers: str) -> Reply:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Reply(status, {n.replace("_", "-"): text for n, text in headers.items()}, raw)


def called(url: str, signed_as: str) -> Knock:
    headers = signed("hubspot", Sent(b"[]", EXPECTED["secret"], NOW, signed_as, {}))
    named = {name.encode(): value.encode() for name, value in headers.items()}
    return Knock("POST", "/", b"", named, b"[]", "", url)


def test_invariant_21_a_url_is_signed_as_it_is_called_or_with_some_of_it_decoded() -> None:
    url = "https://nil.example/v1/webhooks/hubspot/crm?a=b%3Ac%2Fd&e=%20f"
    assert hubspot.prove(called(url, url), SOURCE, NOW)
    assert hubspot.prove(called(url, url.replace("%3A", ":").replace("%2F", "/")), SOURCE, NOW)
    assert not hubspot.prove(called(url, url.replace("%20", " ")), SOURCE, NOW)
    assert not hubspot.prove(called(url, url.replace("nil.", "other.")), SOURCE, NOW)


def events(*told: tuple[str, int, str]) -> list[Any]:
    said = [
        {"subscriptionType": kind, "objectId": id_, "portalId": 1, "changeSource": by}
        for kind, id_, by in told
    ]
    return list(hubspot.parse_events(knock(json.dumps(said).encode()), SOURCE))


def test_a_contact_has_one_key_and_content_in_whichever_event_it_comes() -> None:
    (one,) = events(("contact.creation", 7, "FORM"))
    (other,) = events(("contact.propertyChange", 7, "FORM"))
    assert (one.key, one.content) == (other.key, other.content) == ("1:7", b"1:7")


def test_the_word_that_a_contact_is_gone_wins_whatever_its_place() -> None:
    for told_ in (
        [("contact.deletion", 7, "CRM_UI"), ("contact.creation", 7, "FORM")],
        [("contact.creation", 7, "FORM"), ("contact.privacyDeletion", 7, "CRM_UI")],
    ):
        assert events(*told_) == [Withdrawn("1:7")]


@pytest.mark.parametrize("case", EXPECTED["replies"], ids=lambda case: case["file"])
def test_each_reply_becomes_what_was_written_down(case: dict[str, Any]) -> None:
    answer = Reply(case["status"], {}, body("hubspot", case["file"]))
    found = hubspot_contacts.read(Item(KEY), SOURCE, answer)
    if case["becomes"] != "content":
        assert isinstance(found, CLASSES[case["becomes"]])
        wanted = {name: case[name] for name in ("code", "after", "everywhere") if name in case}
        assert {name: getattr(found, name) for name in wanted} == wanted
        return
    assert isinstance(found, Content)
    assert told(found.arrival, found.arrival.attribution, *case["arrival"]) == case["arrival"]
    assert found.arrival.raw == answer.body


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [
        (reply(401), Refused("http_401", everywhere=True)),
        (
            reply(403, {"category": "MISSING_SCOPES"}),
            Refused("MISSING_SCOPES", everywhere=True, said="right"),
        ),
        (reply(403), Refused("http_403")),
        (reply(429, {"policyName": "DAILY"}), Throttled("DAILY")),
        (reply(429, {"policyName": "SECONDLY"}, retry_after="3"), Throttled("SECONDLY", 3)),
        (reply(477, retry_after="7200"), Throttled("http_477", 7200)),
        (reply(404), Missing("http_404")),
        (reply(423), Failed("http_423")),
        (reply(502, b"<html>"), Failed("http_502")),
        (reply(200, b'{"id": '), Failed("cut_answer")),
    ],
)
def test_errors_are_told_by_status_policy_and_category(answer: Reply, becomes: Result) -> None:
    assert hubspot_contacts.read(Item(KEY), SOURCE, answer) == becomes


def test_a_contact_that_was_merged_is_the_one_that_is_left() -> None:
    whole = {"id": "1000", "properties": {"email": "a@b.ir", "hs_merged_object_ids": "5;987"}}
    found = hubspot_contacts.read(Item(KEY), SOURCE, reply(200, whole))
    assert isinstance(found, Content)
    assert (found.arrival.key, found.arrival.held) == (KEY, None)
    other = {"id": "1000", "properties": {"email": "a@b.ir", "hs_merged_object_ids": "5;9870"}}
    found = hubspot_contacts.read(Item(KEY), SOURCE, reply(200, other))
    assert isinstance(found, Content)
    assert found.arrival.held == "unexpected_shape"


def test_what_is_asked_has_the_mapped_properties_and_the_token_in_a_header() -> None:
    mapped = source(
        "hubspot", secret="s", access_token="tok", fields={"company": "firma", "name": "a&b=c"}
    )
    asked = hubspot_contacts.request(Item(KEY), mapped)
    address, _, names = asked.url.partition("?properties=")
    assert address == "https://api.hubapi.com/crm/v3/objects/contacts/987"
    assert {"firstname", "phone", "firma"} <= set(names.split(","))
    assert "a&b" not in asked.url
    assert "tok" not in asked.url
    assert asked.headers["authorization"] == "Bearer tok"


@pytest.mark.parametrize("junk", [None, 5, [], {}, "x", {"a": {"b": 1}}])
def test_no_shape_of_a_contact_makes_it_fail(junk: Any) -> None:
    for name in ("email", "hs_merged_object_ids", "hs_analytics_first_url", "hs_legal_basis"):
        whole = {"id": "987", "properties": {name: junk}}
        assert isinstance(hubspot_contacts.read(Item(KEY), SOURCE, reply(200, whole)), Content)
    hubspot_contacts.read(Item(KEY), SOURCE, reply(200, {"id": junk, "properties": {}}))
    hubspot_contacts.read(Item(KEY), SOURCE, reply(200, {"id": "987", "properties": junk}))
