"""When sources' access tokens end: told before it happens. Pure.

By the configuration, and where it says nothing by what the platform answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from libs.common.configuration import values
from libs.common.configuration.schema import Configuration, Source

KNOWN: Final = "source.token_known"
"""Capture's word on `leads.activity.v1` of what a platform said, with the last day in `expires`;
null: it said none, of the token that the source has now."""
WARNED_FROM: Final = 14
"""Days: time enough for whoever owns the account to be asked for another."""
ALARMED_FROM: Final = 3

Level = Literal["calm", "warn", "alarm", "past"]


class Expiry(NamedTuple):
    """The last day of a source's token, and how many days are left: 0 on that day."""

    source: str
    kind: str
    day: date
    left: int
    is_told: bool = True
    """Whether its platform said it, of the token that the source has; else it was written down."""

    @property
    def level(self) -> Level:
        """How loud it is."""
        if self.left < 0:
            return "past"
        if self.left <= ALARMED_FROM:
            return "alarm"
        return "warn" if self.left <= WARNED_FROM else "calm"


def day_of(configuration: Configuration, at: datetime) -> date:
    """The day in the organisation's zone."""
    return at.astimezone(ZoneInfo(configuration.organisation.time_zone)).date()


def expiry_of(source: Source, on: date, told: date | None) -> Expiry | None:
    """How long the source's token has, seen from that day; None where nobody said.

    `told`: its last day by its platform. What is written down goes before that.
    """
    last = told if source.access_token else None
    is_told = source.token_expires is None
    if source.token_expires is not None:
        last = values.day(source.token_expires)
    return Expiry(source.key, source.kind, last, (last - on).days, is_told) if last else None


def expiries(
    configuration: Configuration, now: datetime, told: Mapping[tuple[str, str], date]
) -> list[Expiry]:
    """Those of all sources that have one; what platforms told is by kind and key."""
    on = day_of(configuration, now)
    found = (
        expiry_of(source, on, told.get((source.kind, source.key)))
        for source in configuration.sources
    )
    return [each for each in found if each is not None]
