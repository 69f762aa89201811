"""Any JSON object or form, of senders that sign nothing: `fields` says which path is which of ours.

What says nothing of a person is held, so that its fields can be picked at the desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.bodies import Unreadable
from libs.common.bodies.anything import read_anything
from libs.common.configuration.schema import Source
from services.capture.calls.idempotency import read_key
from services.capture.sources.arrival import UNEXPECTED, Arrival, Knock
from services.capture.sources.contract import Kind
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.standard import lead_of
from services.capture.sources.values import mapping


def parse_lead(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission, under the sender's Idempotency-Key where it sends one."""
    try:
        key = read_key(knock.headers.get(b"idempotency-key", b"").decode("latin-1"))
    except ValueError:
        key = None
    said = knock.headers.get(b"content-type", b"").decode("latin-1")
    try:
        body, flags = read_anything(knock.body, said)
    except Unreadable:
        return [Arrival(key, knock.body, held=UNEXPECTED)]
    arrival = lead_of(key, mapping(body), flags, knock.body, source)
    if not arrival.fields and not arrival.held:
        arrival = arrival._replace(held=UNEXPECTED)
    return [arrival]


JSON: Final = Kind("json", by_shared_secret, parse_lead)
