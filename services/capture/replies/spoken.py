"""Whom a colleague has just written to, as platforms' echoes tell: no machine speaks after that.

Kept in memory until the replier writes it down. Lost with the process, and of no lead.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import structlog

from libs.common.configuration.schema import Source
from libs.common.events import derived_id
from services.capture.sources.arrival import Knock
from services.capture.sources.contract import Kind

MOST: Final = 10_000
"""Of one process, while the database is away."""


class Conversation(NamedTuple):
    """As the replier knows it."""

    id: str
    kind: str
    source: str


def conversation_of(source: str, handle: str) -> str:
    """Its id: the one by which its messages keep their order (`door.py`)."""
    return derived_id("conversation", source, handle)


class Spoken:
    """Filled by the door, emptied by the replier of the same process."""

    def __init__(self) -> None:
        self._spoken: set[Conversation] = set()

    def overhear(self, kind: Kind, knock: Knock, source: Source) -> None:
        """Look through a proven call of a source that answers by itself. Never fails."""
        if kind.written_to is None or source.auto_reply is None or len(self._spoken) >= MOST:
            return
        try:
            handles = list(kind.written_to(knock, source))
        except Exception as bug:  # its text may be a customer's
            structlog.get_logger("capture").error(
                "echo.bug", kind=kind.kind, error=type(bug).__name__
            )
            return
        self.put_back({
            Conversation(conversation_of(source.key, handle), kind.kind, source.key)
            for handle in handles
        })  # fmt: skip

    def take(self) -> set[Conversation]:
        """All, and none of them again."""
        taken, self._spoken = self._spoken, set()
        return taken

    def put_back(self, spoken: set[Conversation]) -> None:
        """What could not be written down yet."""
        self._spoken |= spoken
