"""Calendly: a booking is a lead with its meeting; a routing form is one with its answers.

https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures. Who is moved to another
time is cancelled and booked again: the cancellation is no lead, the booking a touch of the same
person's. Its own URI is the key, under which the list of bookings knows it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.sources.contract import Arrival, Kind, Knock, odd
from services.capture.sources.proofs import by_stamp
from services.capture.sources.questions import Question, answered
from services.capture.sources.values import canonical, mapping, object_in, of_iso, texts

_LEADS: Final = ("invitee.created", "routing_form_submission.created")
_LONGEST_URI: Final = 512
_OUTBOUND: Final = "outbound_call"
"""The host calls the invitee, whose number is the place of the meeting."""
_BESIDE: Final = ("timezone", "cancel_url", "reschedule_url", "old_invitee")
_TIMES: Final = {"meeting_at": "start_time", "meeting_ends_at": "end_time"}


def prove(knock: Knock, source: Source, now: float) -> bool:
    """Calendly-Webhook-Signature, by any of the signing keys."""
    return by_stamp(knock, source, now, b"calendly-webhook-signature", b"v1")


def parse_event(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission a booking or routing form; every other event is none."""
    body, held = object_in(knock.body)
    event, payload = body.get("event"), mapping(body.get("payload"))
    if isinstance(event, str) and event not in _LEADS:
        return []
    key = texts(payload, "uri").get("uri", "")
    if event is None or not 0 < len(key) <= _LONGEST_URI:
        return [odd(knock.body)]
    moment = of_iso(payload.get("created_at")) or of_iso(body.get("created_at"))
    arrival = Arrival(
        key, canonical(payload), extra=_beside(payload), held=held, occurred_at=moment
    )
    return [answered(arrival, _questions(payload), source, whole=body)]


def _questions(payload: dict[str, Any]) -> Iterator[Question]:
    own = texts(payload, "name", "first_name", "last_name", "email")
    if "first_name" in own and "last_name" in own:
        own.pop("name", None)
    for name, text in own.items():
        yield Question((name,), text)
    asked = payload.get("questions_and_answers")
    for each in asked if isinstance(asked, list) else ():
        said = texts(mapping(each), "question", "answer")
        if len(said) > 1:
            yield Question((said["question"],), said["answer"])
    location = _location(payload)
    if location.get("type") == _OUTBOUND:
        yield Question((_OUTBOUND,), location.get("location"), "phone")
    yield Question(("text_reminder_number",), payload.get("text_reminder_number"), "phone")
    for name, value in mapping(payload.get("tracking")).items():
        yield Question((name,), value)


def _beside(payload: dict[str, Any]) -> dict[str, Any]:
    """The meeting, and how it can be moved."""
    meeting, location = mapping(payload.get("scheduled_event")), _location(payload)
    found: dict[str, Any] = texts(payload, *_BESIDE)
    if isinstance(meeting.get("name"), str):
        found["meeting"] = meeting["name"]
    for ours, theirs in _TIMES.items():
        moment = of_iso(meeting.get(theirs))
        if moment:
            found[ours] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    where = texts(location, "join_url", "location", "type")
    if where.get("type") == _OUTBOUND:
        where = texts(location, "type")
    return found | ({"location": next(iter(where.values()))} if where else {})


def _location(payload: dict[str, Any]) -> dict[str, Any]:
    return mapping(mapping(payload.get("scheduled_event")).get("location"))


CALENDLY: Final = Kind("calendly", prove, parse_event, is_signed=True)
