"""Which silences are told, and how: an event when it begins to worry, one when it is over. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from libs.common.configuration import Configuration
from libs.common.events import Activity, Event, derived_id
from services.desk.reading.numbering import FROM
from services.desk.sources.silence import AT_LEAST, usual_pause
from services.desk.store.silences import Quiet

SILENT: Final = "source.silent"
HEARD_AGAIN: Final = "source.heard_again"
LOOKED_AT: Final = 200
"""Arrivals of each source, the newest, that its usual pause is read from."""


class Way(NamedTuple):
    """Somewhere that leads come from: a form, a program's key, a platform."""

    key: str
    kind: str
    is_unsigned: bool = False


def ways_in(content: Configuration) -> list[Way]:
    """All that are configured; codes and lists that staff bring have no habit."""
    return [
        *(Way(form.key, "form") for site in content.sites for form in site.forms),
        *(Way(one.key, "api") for one in content.api_keys),
        *(Way(one.key, one.kind, not one.secret) for one in content.sources),
    ]


def may_worry(quiet: Quiet) -> bool:
    """Whether its habit is worth a look: nothing is told of it yet, and it has been quiet long."""
    return quiet.said_of is None and quiet.listened > AT_LEAST


def is_over(quiet: Quiet) -> bool:
    """Whether it has spoken since its silence was told."""
    return quiet.said_of is not None and quiet.newest_at > quiet.said_of


def usual_of(quiet: Quiet, arrivals: Sequence[datetime]) -> timedelta | None:
    """The pause that is usual between its last arrivals."""
    # an arrival that was erased is gone from the list, and was one all the same
    return usual_pause([*{*arrivals, quiet.newest_at}])


def silent(
    way: Way, quiet: Quiet, now: datetime, usual: timedelta | None, at_most: timedelta
) -> Event:
    """That it has been quiet for longer than usual: the same event whoever says it.

    Of a pause of less than a second that is said: the event's are whole ones, and none is unknown.
    """
    known = {"usual_seconds": usual, "at_most_seconds": at_most}
    data = {
        "last_at": _utc(quiet.newest_at),
        "quiet_seconds": _seconds(now - quiet.newest_at),
        **{name: max(_seconds(length), 1) for name, length in known.items() if length is not None},
    }
    return _said(SILENT, way, quiet.newest_at, now, data)


def heard_again(way: Way, since: datetime, until: datetime, now: datetime) -> Event:
    """That it has spoken again, and for how long it was quiet."""
    data = {
        "last_at": _utc(since),
        "heard_at": _utc(until),
        "quiet_seconds": _seconds(until - since),
    }
    return _said(HEARD_AGAIN, way, since, now, data)


def _said(type_: str, way: Way, since: datetime, now: datetime, data: dict[str, object]) -> Event:
    id_ = derived_id(type_, way.key, _utc(since))
    told = {"source": way.key, "source_kind": way.kind, **data}
    return Event(id_, way.key, now, Activity(id_, type_, at=now, data=told), source=FROM)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
