"""CloudEvents, with the official libraries of CloudEvents and Standard Webhooks as the sender."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.http import HTTPMessage, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks.webhooks import Webhook

from services.capture.sources.arrival import Knock
from services.capture.sources.cloudevents import CLOUDEVENTS, MOST, parse_events
from tests.unit.capture.sources.samples import source

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
SOURCE = source("cloudevents", secret=SECRET, fields={"message": "data.wish.text"})
SAID = 'سرنخ "یک" 100% ✓'
EVENT = CloudEvent(
    {
        "id": SAID,
        "source": "/forms/autumn",
        "type": "ir.example.lead.captured.v1",
        "specversion": "1.0",
        "subject": SAID,
        "time": datetime(2026, 11, 21, 10, tzinfo=UTC),
        "datacontenttype": "application/json",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    },
    {"full_name": "نیلوفر", "phone": "+989121112233", "wish": {"text": "قیمت؟"}},
)


def signed(message: HTTPMessage) -> Knock:
    """As both libraries have it sent now."""
    now = datetime.now(UTC)
    headers = {
        **message.headers,
        "webhook-id": "msg-1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg-1", now, message.body.decode()),
    }
    named = {name.lower().encode(): text.encode() for name, text in headers.items()}
    return Knock("POST", "/", b"", named, message.body, "")


@pytest.mark.parametrize("sent", [to_binary_event, to_structured_event])
def test_the_official_library_s_events_are_read_in_both_modes(
    sent: Callable[[CloudEvent], HTTPMessage],
) -> None:
    knock = signed(sent(EVENT))
    assert CLOUDEVENTS.prove(knock, SOURCE, datetime.now(UTC).timestamp())
    (lead,) = parse_events(knock, SOURCE)
    assert lead.held is None
    assert lead.key == f"/forms/autumn {SAID}"
    assert lead.fields == {"name": "نیلوفر", "phone": "+989121112233", "message": "قیمت؟"}
    assert lead.occurred_at == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert lead.extra["_event"]["subject"] == SAID
    assert lead.extra["_event"]["traceparent"] == EVENT.get_attributes()["traceparent"]


def test_the_same_event_has_one_key_and_content_in_both_modes() -> None:
    (one,) = parse_events(signed(to_binary_event(EVENT)), SOURCE)
    (other,) = parse_events(signed(to_structured_event(EVENT)), SOURCE)
    assert (one.key, one.content) == (other.key, other.content)


@pytest.mark.parametrize(("events", "arrived"), [(0, 0), (MOST, MOST), (MOST + 1, 1)])
def test_a_batch_is_each_of_its_events_and_held_whole_where_there_are_too_many(
    events: int, arrived: int
) -> None:
    told = {"specversion": "1.0", "source": "/f", "type": "t", "data": {"phone": "0912"}}
    raw = json.dumps([{**told, "id": str(number)} for number in range(events)]).encode()
    batch = {b"content-type": b"application/cloudevents-batch+json"}
    found = parse_events(Knock("POST", "/", b"", batch, raw, ""), SOURCE)
    assert len(found) == arrived
    assert [lead.held for lead in found] == [
        "unexpected_shape" if events > MOST else None
    ] * arrived


@pytest.mark.parametrize(
    "header", [b"%", b"%E0%A4", b'"', b'"a', b"\xff", b"%00", b"a\\", b"x" * 5000]
)
def test_invariant_20_no_header_makes_it_fail(header: bytes) -> None:
    names = (b"ce-id", b"ce-source", b"ce-type", b"ce-time", b"ce-", b"ce-\xff")
    headers = {**dict.fromkeys(names, header), b"ce-specversion": b"1.0"}
    (found,) = parse_events(Knock("POST", "/", b"", headers, b'{"phone":"1"}', ""), SOURCE)
    found.content.decode()
    repr(found.extra).encode()
