"""A submission as enrichment has it, and when it happened."""

from __future__ import annotations

from datetime import datetime

import msgspec

from libs.common.events import LeadCaptured
from services.enrichment.verdict import Outcome


class Stored(msgspec.Struct, frozen=True):
    """A submission as it is in the store."""

    id: str
    round: int
    revision: int
    event_id: str
    outcome: Outcome
    reason: str | None
    person_id: str | None
    captured: LeadCaptured
    """Without its raw bytes."""
    raw_size: int
    read_again: bool = False
    """Whether its fields were found in its raw bytes anew, as it is released."""
    erased_at: datetime | None = None
    is_over: bool = False
    """A conversation's, of which a later message became a submission of its own."""


def moment_of(captured: LeadCaptured) -> datetime:
    """When it happened: by the sender's clock, unless that is ahead of our own."""
    return min(said_at(captured), captured.received_at)


def said_at(captured: LeadCaptured) -> datetime:
    """By the sender's clock, however wrong that is; when it came, where the sender does not say.

    Of the same that comes twice both have it, however much later the second comes.
    """
    return captured.occurred_at or captured.received_at
