"""What no platform sends and any program may: moments of no clock, numbers beyond 64 bits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest

from libs.common.events import LeadCaptured
from services.capture.door.door import Door
from services.capture.routes.webhooks import arrived
from services.capture.sources.arrival import Arrival
from tests.unit.capture.sources.recorded import Recorded, recorded

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
ABSURD = (
    253_402_300_799,
    253_402_300_799_999,
    "9999-12-31T23:59:59Z",
    "9999-12-31 23:59:59",
    "Fri, 31 Dec 9999 23:59:59 -0000",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    -(2**63) - 1,
    10**30,
)


def door() -> Door:
    """One that knows its organisation's zone, and no more."""
    made = Mock(spec=Door, now=datetime(2026, 11, 22, tzinfo=UTC).timestamp)
    made.directory.return_value = Mock(version=1, qr={})
    made.directory.return_value.content.organisation.time_zone = "Asia/Tehran"
    return made


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value that holds no others."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        yield path
        return
    for name, inner in value.items():
        yield from leaves(inner, (*path, name))


def changed(call: Recorded) -> Iterator[bytes]:
    """The call with each of its values absurd, one after the other."""
    try:
        whole = json.loads(call.knock.body)
    except ValueError:  # a form's fields are texts, whatever they say
        return
    for path in leaves(whole):
        *way, last = path or (None,)
        for absurd in ABSURD if path else ():
            again = json.loads(call.knock.body)
            place = again
            for name in way:
                place = place[name]
            place[last] = absurd
            yield json.dumps(again).encode()


KINDS_RECORDED = sorted({call.kind.kind for call in recorded()})


@pytest.mark.parametrize("kind", KINDS_RECORDED)
def test_invariant_19_an_absurd_value_is_no_bug_and_no_moment(kind: str) -> None:
    at_home = door()
    for call in recorded():
        if call.kind.kind != kind:
            continue
        source = call.configured()
        for body in changed(call):
            for found in call.kind.parse(call.knock._replace(body=body), source):
                at = found.occurred_at if isinstance(found, Arrival) else found.at
                assert at is None or FIRST <= at < LAST
                if isinstance(found, Arrival):
                    kept = msgspec.json.encode(arrived(at_home, source, found))
                    assert msgspec.json.decode(kept, type=LeadCaptured).source == source.key
