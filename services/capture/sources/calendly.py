"""Calendly: a booking is a lead with its meeting; a routing form is one with its answers.

https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures. Who is moved to another
time is cancelled and booked again: the cancellation is no lead, the booking a touch of the same
person's. Its own URI is the key, under which the list of bookings knows it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.calendly_bookings import BOOKED, LISTING, LONGEST_URI, booking_of
from services.capture.sources.contract import Kind
from services.capture.sources.proofs import by_stamp
from services.capture.sources.values import mapping, object_in, texts

_LEADS: Final = (BOOKED, "routing_form_submission.created")


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
    if event is None or not 0 < len(key) <= LONGEST_URI:
        return [odd(knock.body)]
    return [booking_of(body, source)._replace(held=held)]


CALENDLY: Final = Kind("calendly", prove, parse_event, is_signed=True, listing=LISTING)
