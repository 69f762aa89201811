"""W3C trace context, carried from cause to answer (https://www.w3.org/TR/trace-context/)."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

_TRACEPARENT: Final = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")


def child_of(traceparent: str | None, event_id: str) -> str | None:
    """The same trace with a span of the event's own; None for none or a malformed one.

    The span id comes of the event's id, so that a repeated answer is the same bytes.
    """
    found = _TRACEPARENT.match(traceparent or "")
    if not found:
        return None
    span = blake2b(event_id.encode(), digest_size=8).hexdigest()
    return f"00-{found[1]}-{span}-{found[3]}"
