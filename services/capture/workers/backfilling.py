"""What a list has shown is taken in as a call is: by the spool, under the same ids."""

from __future__ import annotations

from functools import partial

from libs.common.configuration.schema import Source
from libs.common.events import Event, derived_id
from services.capture.calls.call import BODY_BYTES
from services.capture.door.door import Door
from services.capture.reconciling.coming import by_list
from services.capture.routes.webhooks import arrived
from services.capture.sources.arrival import Arrival
from services.capture.workers.reconciler import Take


def taking(door: Door) -> Take:
    """How the reconciler of this process takes in."""
    return partial(_take, door)


async def _take(door: Door, source: Source, arrival: Arrival) -> None:
    """No call may be so large, nor what the log takes; what is left out the platform still has."""
    if arrival.raw and len(arrival.raw) > BODY_BYTES:
        arrival = arrival._replace(raw=b"")
    captured = arrived(door, source, arrival)
    event = Event(
        id=derived_id("captured", captured.submission_id, captured.digest),
        key=captured.submission_id,
        time=captured.received_at,
        data=captured,
        source=by_list(source),
    )
    await door.accept(event)
