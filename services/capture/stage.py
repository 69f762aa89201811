"""Capture's own stage: notes which submissions came by id only, so that they are fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common import topics
from libs.common.events import Event, LeadCaptured
from libs.common.stage.contract import Answer
from services.capture.sources import KINDS
from services.capture.store import fetches
from services.capture.store.fetches import Noted

_READABLE_FOR_DAYS: Final = 90
"""Of a kind that another release knows and this one does not."""
_AT_LEAST: Final = timedelta(days=1)
"""Also what is old when it comes is asked for."""


class CaptureStage:
    """Reads what capture itself has published, so that the door needs no database."""

    name: Final = "capture"
    topics: Final = (topics.CAPTURED,)

    def __init__(self, noted: asyncio.Event, clock: Callable[[], datetime]) -> None:
        self._noted = noted
        self._clock = clock

    async def handle(self, tx: AsyncConnection, batch: Sequence[Event]) -> Sequence[Answer]:
        """Note them; a second revision is what came of that."""
        noted = [
            Noted(event.data, event.data.platform_id, _until(event.data))
            for event in batch
            if isinstance(event.data, LeadCaptured)
            and event.data.hydrate
            and event.data.platform_id
        ]
        await fetches.note(tx, noted, self._clock())
        return [Answer() for _ in batch]

    def committed(self) -> None:
        """Wake the fetcher."""
        self._noted.set()


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def _until(captured: LeadCaptured) -> datetime:
    """Until when its platform gives it out."""
    kind = KINDS.get(captured.source_kind)
    days = kind.fetch.readable_for_days if kind and kind.fetch else _READABLE_FOR_DAYS
    happened = min(captured.occurred_at or captured.received_at, captured.received_at)
    return max(happened + timedelta(days=days), captured.received_at + _AT_LEAST)
