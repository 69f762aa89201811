"""What an entry's own record says of the desk's spool that it is in."""

from __future__ import annotations

import uuid
from typing import Final

from libs.common.events import Event

FROM: Final = "/sarnakh/desk"
"""Who says so, in the event of an entry."""
_MOST: Final = 2**63 - 1


def place_in(event: Event) -> tuple[str, int] | None:
    """Its spool and number; None for what another service captured, or what is no number."""
    if event.source != FROM:
        return None
    said = dict(event.extensions)
    try:
        spool, number = str(uuid.UUID(said.get("spool", ""))), int(said.get("sequence", ""))
    except ValueError:
        return None
    return (spool, number) if 0 < number <= _MOST else None
