"""When sources' access tokens end, by the configuration: told before it happens. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from libs.common.configuration import values
from libs.common.configuration.schema import Configuration, Source

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

    @property
    def level(self) -> Level:
        """How loud it is."""
        if self.left < 0:
            return "past"
        if self.left <= ALARMED_FROM:
            return "alarm"
        return "warn" if self.left <= WARNED_FROM else "calm"


def today(configuration: Configuration, now: datetime) -> date:
    """The day in the organisation's zone."""
    return now.astimezone(ZoneInfo(configuration.organisation.time_zone)).date()


def expiry_of(source: Source, on: date) -> Expiry | None:
    """How long the source's token has, seen from that day; None where nobody said."""
    if source.token_expires is None:
        return None
    last = values.day(source.token_expires)
    return Expiry(source.key, source.kind, last, (last - on).days)


def expiries(configuration: Configuration, now: datetime) -> list[Expiry]:
    """Those of all sources that have one."""
    on = today(configuration, now)
    found = (expiry_of(source, on) for source in configuration.sources)
    return [each for each in found if each is not None]
