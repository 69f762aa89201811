"""A lead of a platform's list is the same arrival as its call, so that both count once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.configuration import known
from libs.common.configuration.schema import Source
from services.capture.sources import KINDS, SOURCES, Arrival
from services.capture.sources.fetch import Failed, Missing, Refused, Reply, Throttled
from services.capture.sources.listing import Asked, Beside, Listing, Page
from tests.unit.capture.sources.recorded import recorded
from tests.unit.capture.sources.samples import FOLDER, arrivals_in, knock, source

SINCE = datetime(2026, 11, 21, 9, tzinfo=UTC)
ACCOUNTS = {"linkedin": "urn:li:sponsoredAccount:522529623"}
WHOLE = {"typeform": "form_response", "calendly": "invitee.created"}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
LISTED = [kind.kind for kind in SOURCES if kind.listing]


def listing_of(kind: str) -> Listing:
    found = KINDS[kind].listing
    assert found
    return found


def replied(body: Any, status: int = 200) -> Reply:
    return Reply(status, {}, json.dumps(body).encode())


def page_of(kind: str, asked: Asked, configured: Source, *bodies: Any) -> Page:
    """What is read from these answers, one after the other."""
    replies = [replied(body) for body in bodies]
    found: Any = listing_of(kind).read(asked, configured, replies[0])
    for reply in replies[1:]:
        assert isinstance(found, Beside)
        found = found.read(reply)
    assert isinstance(found, Page), found
    return found


def bare(arrival: Arrival) -> Arrival:
    """Without the bytes that are kept of it."""
    return arrival._replace(raw=None)


def calls(kind: str) -> list[tuple[dict[str, Any], Source, Arrival]]:
    """Recorded calls that bring a lead of the list's kind: body, source, arrival."""
    found = []
    for call in recorded():
        body = json.loads(call.knock.body) if call.kind.kind == kind else None
        if not isinstance(body, dict) or WHOLE[kind] not in (
            body.get("event_type"),
            body.get("event"),
        ):
            continue
        arrivals = arrivals_in(call.kind.parse(call.knock, call.configured()))
        found += [(body, call.configured(), one) for one in arrivals if one.held is None]
    assert found
    return found


def of_the_form(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A response as the list has it, and the form that it answers."""
    response = dict(body["form_response"])
    form = response.pop("definition", {})
    response.pop("form_id", None)
    ending = response.pop("ending", None) or {}
    more = {"response_id": response["token"], "metadata": {"user_agent": "x", "platform": "other"}}
    return response | more | {"thankyou_screen_ref": ending.get("ref")}, form


@given(st.data())
@settings(deadline=None, max_examples=25)
def test_typeform_lists_what_it_calls_with(data: st.DataObject) -> None:
    body, configured, arrival = data.draw(st.sampled_from(calls("typeform")))
    item, form = of_the_form(body)
    items = data.draw(st.permutations([item, item, {"token": None}, {"token": "other"}, 5]))
    asked = Asked(body["form_response"].get("form_id", "F"), since=SINCE)
    page = page_of("typeform", asked, configured, {"items": items, "page_count": 1}, form)
    same = [one for one in page.arrivals if one.key == arrival.key]
    assert [bare(one) for one in same] == [bare(arrival)] * 2
    assert page.newest == arrival.occurred_at
    assert page.further == ()


@given(st.data())
@settings(deadline=None, max_examples=25)
def test_calendly_lists_what_it_calls_with(data: st.DataObject) -> None:
    body, configured, arrival = data.draw(st.sampled_from(calls("calendly")))
    invitee = dict(body["payload"])
    meeting = invitee.pop("scheduled_event", {})
    invitee["event"] = meeting.get("uri")
    listed = data.draw(st.permutations([invitee, {"uri": ""}, None]))
    asked = Asked("me", "meeting EV1", SINCE)
    invitees = {"collection": listed, "pagination": {"next_page_token": "n"}}
    page = page_of("calendly", asked, configured, invitees, {"resource": meeting})
    if "created_at" not in invitee and arrival.occurred_at:  # then only the call knows when
        arrival = arrival._replace(occurred_at=None)
    assert [bare(one) for one in page.arrivals] == [bare(arrival)]
    assert page.further == ("meeting EV1 n",)


def test_meta_lists_what_it_calls_with() -> None:
    configured = source("meta", secret="s", page="nil.example/ads")
    called = (FOLDER / "meta" / "meta-leadgen-page.json").read_bytes()
    (arrival,) = arrivals_in(KINDS["meta"].parse(knock(called), configured))
    lead = json.loads((FOLDER / "meta" / "meta-graph-lead.json").read_text("utf-8"))
    names = ("id", "created_time", "ad_id", "form_id")
    item = {name: lead[name] for name in names if name in lead}
    asked = Asked(lead["form_id"], since=SINCE)
    answer = {"data": [item, {}, 3], "paging": {"cursors": {"after": "QVF"}, "next": "https://x"}}
    page = page_of("meta", asked, configured, answer)
    (listed,) = page.arrivals
    known_by_call = dict(arrival.attribution.ad)
    known_by_call.pop("page_id")
    assert dict(listed.attribution.ad) == known_by_call
    same = arrival._replace(attribution=listed.attribution, occurred_at=listed.occurred_at)
    assert bare(listed) == bare(same)
    assert listed.occurred_at == page.newest
    assert page.further == ("QVF",)


def test_linkedin_lists_what_it_calls_with() -> None:
    configured = source("linkedin", secret="s", account=ACCOUNTS["linkedin"])
    called = (FOLDER / "linkedin" / "linkedin-lead-created.json").read_bytes()
    (arrival,) = arrivals_in(KINDS["linkedin"].parse(knock(called), configured))
    lead = json.loads((FOLDER / "linkedin" / "linkedin-lead-form-response.json").read_text("utf-8"))
    lead["id"] = arrival.key
    answer = {"elements": [lead, {}], "paging": {"start": 0, "count": 100, "total": 5}}
    page = page_of("linkedin", Asked("SPONSORED", since=SINCE), configured, answer)
    (listed,) = page.arrivals
    assert dict(listed.attribution.ad).items() <= dict(arrival.attribution.ad).items()
    same = arrival._replace(attribution=listed.attribution, occurred_at=listed.occurred_at)
    assert bare(listed) == bare(same)
    assert page.further == ("2",)


def cursors(kind: str, configured: Source) -> list[Asked]:
    places = listing_of(kind).places(configured)
    asked = [Asked(places[0]), Asked(places[0], "7", SINCE)]
    if kind == "calendly":
        asked += [Asked("me", "meeting EV1"), Asked("me", "meetings https://x/users/U t", SINCE)]
    return asked + ([Asked("")] if kind == "meta" else [])


@pytest.mark.parametrize("kind", LISTED)
@given(body=json_values, inner=json_values)
@settings(deadline=None, max_examples=60)
def test_an_odd_answer_is_an_answer(kind: str, body: Any, inner: Any) -> None:
    configured = source(kind, forms=["F"], account=ACCOUNTS.get(kind))
    names = ("data", "elements", "items", "collection", "resource", "paging", "pagination")
    shaped = [body, *({name: inner} for name in names), *({name: [inner]} for name in names)]
    for asked in cursors(kind, configured):
        listing_of(kind).request(asked, configured)
        for each in shaped:
            found = listing_of(kind).read(asked, configured, replied(each))
            if isinstance(found, Beside):
                found = found.read(replied(body))
            assert isinstance(found, Page | Failed | Missing | Refused | Throttled)


@pytest.mark.parametrize("kind", LISTED)
@pytest.mark.parametrize(
    ("answer", "code"),
    [(b'{"data": [', "cut_answer"), (b'{"data": 3}', "no_list"), (b"7", "no_list")],
)
def test_a_page_that_lists_nothing_readable_is_asked_for_again(
    kind: str, answer: bytes, code: str
) -> None:
    configured = source(kind, forms=["F"], account=ACCOUNTS.get(kind, "https://x/organizations/O"))
    asked = Asked(listing_of(kind).places(configured)[0])
    found = listing_of(kind).read(asked, configured, Reply(200, {}, answer))
    assert found == Failed(code), "and not the empty end of a list"


@pytest.mark.parametrize("kind", LISTED)
def test_the_token_is_in_no_address(kind: str) -> None:
    account = ACCOUNTS.get(kind)
    configured = source(kind, forms=["F"], account=account, access_token="t0ken")
    for asked in cursors(kind, configured):
        made = listing_of(kind).request(asked, configured)
        assert "t0ken" not in made.url
        assert made.headers["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize("kind", LISTED)
def test_what_a_list_needs_is_what_the_configuration_asks_for(kind: str) -> None:
    assert bool(listing_of(kind).places(source(kind))) == (kind not in known.LISTED_BY)


def test_meetings_are_looked_through_for_those_that_have_changed() -> None:
    def meeting(name: str, changed: str, limit: int = 1) -> dict[str, Any]:
        moments = {"created_at": "2026-10-01T00:00:00Z", "updated_at": changed}
        uri = f"https://api.calendly.com/scheduled_events/{name}"
        return {"uri": uri, **moments, "invitees_counter": {"limit": limit}}

    old, new = "2026-10-02T00:00:00Z", "2026-11-21T10:00:00Z"
    found = [meeting("A", old), meeting("B", new), meeting("C", old, 9), {"uri": "D"}]
    answer = {"collection": found, "pagination": {}}
    asked = Asked("me", "meetings https://x/organizations/O", SINCE)
    configured = source("calendly")
    assert page_of("calendly", asked, configured, answer).further == (
        "meeting B",
        "meeting C",
        "meeting D",
    )
    url = listing_of("calendly").request(asked, configured).url
    parts = ("organization=https%3A%2F%2Fx", "min_start_time=2026-11-21T09%3A00%3A00Z")
    assert reduce(lambda all_, part: all_ and part in url, parts, True)


def test_organisations_of_linkedin_have_a_list_of_each_type() -> None:
    configured = source("linkedin", account="urn:li:organization:77")
    assert listing_of("linkedin").places(configured) == ("COMPANY", "EVENT", "ORGANIZATION_PRODUCT")
    url = listing_of("linkedin").request(Asked("EVENT", since=SINCE), configured).url
    assert "owner=(organization:urn%3Ali%3Aorganization%3A77)&leadType=(leadType:EVENT)" in url
    assert "submittedAtTimeRange=(start:1795251600000,end:" in url
