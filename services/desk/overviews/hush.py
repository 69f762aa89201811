"""How quiet a source is, as its own page and the health page show it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.stage import timers
from services.desk.overviews.verdict import Alarm
from services.desk.sources.quiet import LOOKED_AT, is_over, usual_of
from services.desk.store import silences
from services.desk.store.silences import Quiet


class Hush(NamedTuple):
    """The silence that was told and lasts, else the last one that was told and has ended."""

    alarm: Alarm | None = None
    quiet: timedelta = timedelta()
    """For how long it has been, or was, quiet."""
    usual: timedelta | None = None
    until: datetime | None = None
    """When it was heard again, of one that has ended."""


def alarm_of(quiet: Quiet | None) -> Alarm | None:
    """The silence that was told, until its source has spoken."""
    if quiet is None or quiet.said_of is None or quiet.said_at is None or is_over(quiet):
        return None
    return Alarm(quiet.said_of, quiet.said_at, quiet.usual_at_most)


async def look(tx: Transaction, key: str) -> Hush:
    """How quiet one source is now."""
    quiet = (await silences.known(tx, [key])).get(key)
    if quiet is None:
        return Hush()
    if alarm := alarm_of(quiet):
        arrivals = await silences.arrivals(tx, key, LOOKED_AT)
        if max(arrivals, default=alarm.last_at) > alarm.last_at:
            return Hush()  # it has just spoken
        length = await timers.clock(tx) - alarm.last_at
        return Hush(alarm, length, usual_of(quiet, arrivals))
    if quiet.quiet_from is None or quiet.quiet_until is None:
        return Hush()
    return Hush(quiet=quiet.quiet_until - quiet.quiet_from, until=quiet.quiet_until)
