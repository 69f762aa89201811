"""What is asked of a platform's list and what follows from its answer. Pure.

Where a pull begins follows from the data alone: from the newest lead that the list has shown, and
never before the moment from which on the list is ours. So nothing is skipped while we or the
platform are away.
docs/decisions/0019-reconciling.md
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from services.capture.fetching import pace as paces
from services.capture.fetching.pace import FIRST_DENIAL, LONGEST_WAIT, Pace, Try, doubled
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Failed, Missing, Refused, Throttled
from services.capture.sources.listing import Asked, Found, Page

OVERLAP: Final = timedelta(hours=6)
"""Read again before the newest that is known: a list may show a lead later than a younger one."""
AHEAD: Final = timedelta(hours=1)
"""A lead that claims to be from later than this moves no window."""
MOST_PAGES: Final = 2000
"""Of one pull: a list that never ends is one that says so wrongly."""
LONGEST_CURSOR: Final = 2048
TOLD_FROM: Final = 3
"""Failures in a row: then people are told that the list cannot be had."""
_ANEW_AFTER: Final = 8
"""Failures in a row: then it may be the page that cannot be had, and the pull begins anew."""
_FIRST_WAIT: Final = 5.0
_FIRST_THROTTLE: Final = 60.0


class Pull(NamedTuple):
    """How far one list of a source was compared."""

    kind: str
    source: str
    place: str
    number: int = 0
    """Pulls that came to their end."""
    newest: datetime | None = None
    """Of all that the list has shown in pulls that came to their end."""
    floor: datetime | None = None
    """What is older was there before us, and is not ours to bring."""
    since: datetime | None = None
    """From when on this one asks."""
    todo: tuple[str, ...] = ()
    """Cursors of the pages to be asked for; none between two pulls."""
    pages: int = 0
    reached: datetime | None = None
    """The newest that this one has seen."""
    compared: int = 0
    """Leads that this one, or else the last one, was shown."""
    failures: int = 0
    trouble: str | None = None

    @property
    def asked(self) -> Asked:
        """Its next page."""
        return Asked(self.place, self.todo[0], self.since)


def ours_since(first: datetime | None, named: datetime | None) -> datetime | None:
    """From when on a source's leads are ours, by its first call and by when the file named it.

    The calls of leads before the first may have been lost, but none of those is ours that was sent
    before somebody wrote the source down; nor is it looked for further back than a list is read
    again, as the release before this one has noted no calls.
    """
    if first is None or named is None or named >= first:
        return first
    return max(named, first - OVERLAP)


def begun(pull: Pull) -> Pull:
    """The pull with its window; one that was broken off goes on where it was."""
    if pull.todo:
        return pull
    before = pull.newest - OVERLAP if pull.newest else None
    since = max((one for one in (before, pull.floor) if one), default=None)
    return pull._replace(since=since, todo=("",), pages=0, reached=None, compared=0)


def wanted(pull: Pull, page: Page) -> Sequence[Arrival]:
    """What of a page is of this window; a platform may not heed it."""
    each: dict[str | None, Arrival] = {}
    for arrival in page.arrivals:
        moment = arrival.occurred_at
        if moment is None or pull.since is None or moment >= pull.since:
            each.setdefault(arrival.key, arrival)
    return list(each.values())


def turned(pull: Pull, page: Page, now: datetime) -> Pull:
    """The pull after a page; with nothing left to ask it has come to its end."""
    here, *left = pull.todo
    further = [one for one in page.further if one not in (here, *left)]
    moments = [one for one in (pull.reached, page.newest) if one and one <= now + AHEAD]
    on = pull._replace(
        todo=(*further, *left),
        pages=pull.pages + 1,
        reached=max(moments, default=None),
        compared=pull.compared + len(page.arrivals),
        failures=min(pull.failures, TOLD_FROM),
    )
    return on if on.todo else _ended(on)


def _ended(pull: Pull) -> Pull:
    """What was told of as trouble is over only when the list could be read to its end."""
    newest = max((one for one in (pull.newest, pull.reached) if one), default=None)
    return pull._replace(
        newest=newest,
        number=pull.number + 1,
        failures=0,
        trouble=None,
    )


def is_endless(pull: Pull, page: Page) -> bool:
    """Whether the list cannot be read to its end."""
    return pull.pages >= MOST_PAGES or any(len(one) > LONGEST_CURSOR for one in page.further)


class Turn(NamedTuple):
    """What follows from the answer for one page."""

    pull: Pull
    pace: Pace
    due_at: datetime
    is_done: bool = False
    """The pull has come to its end."""
    tells: bool = False
    """The list cannot be had, which was not known before."""


def after(found: Found, pull: Pull, pace: Pace, this: Try, every: timedelta) -> Turn:
    """A page turned, or what its trouble asks for; `every` is between two pulls."""
    if isinstance(found, Page) and is_endless(pull, found):
        found = Missing("endless_list")
    if isinstance(found, Page):
        on, well = turned(pull, found, this.now), _heard(pace, this)
        is_done = not on.todo
        return Turn(on, well, this.now + every if is_done else this.now, is_done)
    worse = pull._replace(failures=pull.failures + 1, trouble=found.code)
    tells = worse.failures == TOLD_FROM
    match found:
        case Refused(code, everywhere=True):
            return Turn(worse, paces.stopped(pace, code, found.lacks, this), this.now)
        case Throttled(_, seconds):
            wait = seconds or doubled(_FIRST_THROTTLE, pace.failures, LONGEST_WAIT)
            return Turn(worse, paces.waiting(pace, this, wait), this.now, tells=tells)
        case Failed():
            wait = doubled(_FIRST_WAIT, pull.failures, LONGEST_WAIT) * (0.5 + this.chance / 2)
            anew = worse._replace(todo=()) if worse.failures >= _ANEW_AFTER else worse
            return Turn(anew, pace, this.now + timedelta(seconds=wait), tells=tells)
        case Refused() | Missing():
            return _denied(worse, pace, this)


def _heard(pace: Pace, this: Try) -> Pace:
    """The platform answers; that says nothing of single leads that failed or were denied."""
    is_well = not pace.failures and pace.reason is None
    is_of_leads = paces.is_denied(pace) or (pace.reason is None and pace.failing)
    return pace if is_well or is_of_leads else paces.answered(pace, this)


def _denied(worse: Pull, pace: Pace, this: Try) -> Turn:
    """This list is not for us, or its cursor has gone stale: it is begun anew, later.

    Nothing of that is held against the source: single leads may still be for us to see.
    """
    is_news = worse.failures <= TOLD_FROM
    failures = max(worse.failures, TOLD_FROM)
    wait = doubled(FIRST_DENIAL, failures - TOLD_FROM, LONGEST_WAIT)
    anew = worse._replace(todo=(), failures=failures)
    return Turn(anew, pace, this.now + timedelta(seconds=wait), tells=is_news)
