"""HubSpot: a proof over the address, contacts that count once, and what API errors ask for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs

from libs.common.events import LeadCaptured
from services.capture.sources import hubspot, hubspot_contacts
from services.capture.sources.arrival import Arrival, Knock, Withdrawn
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
from services.capture.sources.hubspot_history import as_of
from tests.doubles.signing import Sent, signed
from tests.unit.capture.sources.samples import body, expected, knock, source, told

EXPECTED = expected("hubspot")
SOURCE = source("hubspot", secret=EXPECTED["secret"], access_token="tok")
NOW = EXPECTED["clock"]
KEY = "12345678:987"
START = datetime(2026, 11, 21, 10, tzinfo=UTC)
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


def changed(moment: int, contact: int = 7, **more: Any) -> dict[str, Any]:
    """A form's change of a known contact."""
    known = {"portalId": 1, "objectId": contact, "occurredAt": moment, "changeSource": "FORM"}
    return {"subscriptionType": "contact.propertyChange", "propertyName": "phone", **known, **more}


def keys_in(*calls: list[dict[str, Any]]) -> list[list[str | None]]:
    """The keys of what each call brings."""
    told_in = (hubspot.parse_events(knock(json.dumps(call).encode()), SOURCE) for call in calls)
    return [[each.key for each in found] for found in told_in]


def test_the_creation_of_a_contact_has_the_contact_s_own_key() -> None:
    (one,) = events(("contact.creation", 7, "FORM"))
    assert (one.key, one.content) == ("1:7", b"1:7")


def test_another_form_of_a_known_contact_is_another_submission_and_its_repeat_is_none() -> None:
    first, second = changed(1795255100000, eventId=1), changed(1795255190000, eventId=2)
    again = {**second, "attemptNumber": 3}
    assert keys_in([first], [second], [again]) == [
        ["1:7:1795255100000"],
        ["1:7:1795255190000"],
        ["1:7:1795255190000"],
    ]


def test_what_several_changes_tell_of_one_form_is_one_also_with_its_creation() -> None:
    created = {**changed(1795255100400), "subscriptionType": "contact.creation"}
    before, after = changed(1795255100000), changed(1795255104000, propertyName="email")
    other, later = changed(1795255100000, contact=8), changed(1795255110000)
    assert keys_in([before, created, after, other, later]) == [
        ["1:7", "1:8:1795255100000", "1:7:1795255110000"]
    ]


def test_a_form_without_a_moment_is_known_by_its_event() -> None:
    one, other = changed(0, eventId=1), changed(0, eventId=2)
    del one["occurredAt"], other["occurredAt"]
    assert keys_in([one], [other]) == [["1:7:event-1"], ["1:7:event-2"]]


@pytest.mark.parametrize("by", ["FORM", "CALCULATED", "CONTACTS_WEB"])
def test_hubspot_s_own_word_of_a_form_is_one_whoever_wrote_it(by: str) -> None:
    told_by = changed(5000, propertyName="recent_conversion_date", changeSource=by)
    other = changed(5000, propertyName="lifecyclestage", changeSource=by)
    assert keys_in([told_by]) == [["1:7:5000"]]
    assert keys_in([other]) == [["1:7:5000"] if by == "FORM" else []]


def test_the_word_that_a_contact_is_gone_wins_whatever_its_place() -> None:
    for told_ in (
        [("contact.deletion", 7, "CRM_UI"), ("contact.creation", 7, "FORM")],
        [("contact.creation", 7, "FORM"), ("contact.privacyDeletion", 7, "CRM_UI")],
    ):
        assert events(*told_) == [Withdrawn("1:7")]


def test_a_deletion_says_when_so_that_a_later_one_is_told_from_its_repeat() -> None:
    word = {**changed(1795255100000), "subscriptionType": "contact.deletion"}
    (gone,) = hubspot.parse_events(knock(json.dumps([word]).encode()), SOURCE)
    assert gone == Withdrawn("1:7", datetime.fromtimestamp(1795255100, UTC))


@pytest.mark.parametrize(
    "said",
    [
        {"portalId": 1, "objectId": 7, "properties": {"email": "a@b.ir"}},
        {"origin": {"portalId": 1}, "object": {"objectId": 7, "properties": {"email": "a@b.ir"}}},
        {"portal_id": "1", "hs_object_id": "7", "email": "a@b.ir"},
        {"portal-id": 1, "properties": {"hs_object_id": "7", "email": {"value": "a@b.ir"}}},
    ],
)
def test_a_workflow_s_contact_is_known_however_it_is_wrapped(said: dict[str, Any]) -> None:
    (found,) = hubspot.parse_events(knock(json.dumps(said).encode()), SOURCE)
    assert isinstance(found, Arrival)
    assert (found.fields, found.held) == ({"email": "a@b.ir"}, None)
    assert found.extra == {"portal_id": "1", "hs_object_id": "7"}
    whole = LeadCaptured("", "", "", "", START, "", b"", extra=dict(found.extra))
    assert hubspot.record_of(whole) == "1:7"
    assert hubspot.record_of(structs.replace(whole, extra={"portal_id": "1"})) is None
    assert hubspot.record_of(structs.replace(whole, platform_id="2:8:5")) == "2:8"


@pytest.mark.parametrize(
    "case", EXPECTED["replies"], ids=lambda case: case["file"] + case.get("key", "")
)
def test_each_reply_becomes_what_was_written_down(case: dict[str, Any]) -> None:
    answer = Reply(case["status"], {}, body("hubspot", case["file"]))
    at = datetime.fromisoformat(case["at"]) if "at" in case else None
    found = hubspot_contacts.read(Item(case.get("key", KEY), at=at), SOURCE, answer)
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
    names, _, before = names.partition("&propertiesWithHistory=")
    assert address == "https://api.hubapi.com/crm/v3/objects/contacts/987"
    assert {"firstname", "phone", "firma"} <= set(names.split(","))
    assert {"message", "recent_conversion_date", "firma"} <= set(before.split(","))
    of_a_form = hubspot_contacts.request(Item(f"{KEY}:1795255100000"), mapped)
    assert of_a_form.url == asked.url
    assert "a&b" not in asked.url
    assert "tok" not in asked.url
    assert asked.headers["authorization"] == "Bearer tok"


@pytest.mark.parametrize("junk", [None, 5, [], {}, "x", {"a": {"b": 1}}])
def test_no_shape_of_a_contact_makes_it_fail(junk: Any) -> None:
    for name in ("email", "hs_merged_object_ids", "hs_analytics_first_url", "hs_legal_basis"):
        whole = {"id": "987", "properties": {name: junk}}
        assert isinstance(hubspot_contacts.read(Item(KEY), SOURCE, reply(200, whole)), Content)
    hubspot_contacts.read(Item(KEY), SOURCE, reply(200, {"id": junk, "properties": {}}))
    known = {"recent_conversion_date": [{"value": "9000000", "timestamp": "1970-01-01T02:30:00Z"}]}
    for history in (junk, {"email": junk, **known}, {"email": [junk], **known}):
        whole = {"id": "987", "properties": {"email": "a@b.ir"}, "propertiesWithHistory": history}
        item = Item(KEY, at=datetime(1970, 1, 1, tzinfo=UTC))
        assert isinstance(hubspot_contacts.read(item, SOURCE, reply(200, whole)), Content)
    hubspot_contacts.read(Item(KEY), SOURCE, reply(200, {"id": "987", "properties": junk}))


def test_a_contact_whose_history_is_too_large_is_asked_for_without_it() -> None:
    first, second = (hubspot_contacts.request(Item(KEY, missing), SOURCE) for missing in (0, 1))
    assert "propertiesWithHistory=" in first.url
    assert second.url == first.url.partition("&propertiesWithHistory")[0]


def version(value: str, moment: float) -> dict[str, str]:
    return {"value": value, "timestamp": datetime.fromtimestamp(moment, UTC).isoformat()}


@pytest.mark.parametrize("until_next", [5.2, 5.9, 7.0, 9.9, 90.0])
def test_what_a_form_wrote_is_its_own_however_soon_the_next_one_comes(until_next: float) -> None:
    """A form's moment is cut to seconds, and what it writes comes a little later."""
    moments = (100.9, 100 + until_next)
    dates = [datetime.fromtimestamp(at, UTC).isoformat() for at in moments]
    history = {
        "recent_conversion_date": [version(*each) for each in zip(dates, moments, strict=True)],
        "email": [version("a@b.ir", 100.95), version("c@d.ir", moments[1] + 0.1)],
        "message": [version("one", 102.4), version("two", moments[1] + 0.1)],
        "city": [],
    }
    said = {"email": "c@d.ir", "message": "two", "city": "Tehran"}
    contact = {"properties": said, "propertiesWithHistory": history}
    found = as_of(contact, datetime.fromtimestamp(100, UTC))
    assert found == {"email": "a@b.ir", "message": "one", "city": "Tehran"}
