"""When an access token ends, by its platform's own word. Pure: nothing is sent here.

OAuth calls it introspection (RFC 7662); each platform has a way of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from libs.common.configuration.schema import Source
from services.capture.sources.fetch import Reply, Request, Trouble


class Ends(NamedTuple):
    """What the platform says of a token."""

    at: datetime | None
    """None: it does not end by itself."""


class Onward(NamedTuple):
    """What is to be asked, and what its answer means."""

    request: Request
    read: Callable[[Reply], Ends | Trouble | Onward]


Introspection = Callable[[Source], Onward | None]
"""Of a source that has an access token; None where something is missing to ask with."""
