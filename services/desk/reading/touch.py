"""What a touch says of the submission that it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from libs.common.events import Touch


def of_touch(touch: Touch) -> dict[str, Any]:
    """The columns of the submission's row that it fills, but for where it came from."""
    return {
        "source": touch.source,
        "kind": touch.kind,
        "received_at": touch.received_at,
        "occurred_at": happened(touch),
    }


def happened(touch: Touch) -> datetime | None:
    """When it happened by the sender's clock, where that is another moment than its receipt."""
    return None if touch.at == touch.received_at else touch.at
