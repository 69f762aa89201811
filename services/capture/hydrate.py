"""What follows from a try to fetch a lead: the second revision, another try, or a pause.

Pure: the clock and the chance are arguments. docs/decisions/0007-hydrating-in-capture.md
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from libs.common.configuration.schema import Source
from libs.common.events import LeadCaptured, digest
from services.capture.bodies import plain
from services.capture.sources.contract import (
    Arrival,
    Content,
    Failed,
    Missing,
    Refused,
    Result,
    Throttled,
    held_for_its_form,
)

UNREADABLE: Final = "unreadable_at_platform"
EXPIRED: Final = "expired_at_platform"
NOT_CONFIGURED: Final = "not_configured"
NO_TOKEN: Final = "no_token"  # noqa: S105 - a reason, not a token

MISSING_AFTER: Final = (30.0, 120.0, 300.0, 600.0)
"""Seconds before each further try of what is not there; after the last a human is asked."""
LONGEST_WAIT: Final = 3600.0
"""Of one lead, and of a source that has asked too often or whose token is refused."""
LONGEST_TROUBLE: Final = 60.0
"""Of a source whose platform is in trouble: one lead a minute finds out when that is over."""
PER_SECOND: Final = 5.0
"""Leads asked of one source: far below what platforms allow, far above what they send."""
PROBE_SECONDS: Final = 20.0
_FIRST_WAIT: Final = 5.0
_FIRST_THROTTLE: Final = 60.0
_FIRST_PAUSE: Final = 300.0
_MOST_DOUBLINGS: Final = 12
_RECOVERED_FROM: Final = 3
"""Failures in a row from which a success means that the platform was away, and now is back."""


class Pace(NamedTuple):
    """How a source is doing: when it may be asked again, and what stands in its way."""

    kind: str
    source: str
    next_at: datetime
    failures: int = 0
    """In a row."""
    reason: str | None = None
    """Why it is paused until somebody acts; None while it is not."""
    failed_at: datetime | None = None
    """When that was last found: a try that began before says nothing new."""
    credentials: str = ""
    """Digest of the token that was refused."""
    changes: int = 0
    """How often it was paused or resumed."""


class Fetching(NamedTuple):
    """A submission whose content is on its way."""

    submission_id: str
    item: str
    captured: LeadCaptured
    """Its first revision, without the raw bytes."""
    tries: int
    missing: int
    """How often the platform said that it is not there."""


class Try(NamedTuple):
    """The circumstances of a try: when it began and ended, whose token, and a chance in 0..1."""

    began: datetime
    now: datetime
    credentials: str
    chance: float


class Step(NamedTuple):
    """What to do: publish the content, or put the lead off. And how the source does now."""

    pace: Pace
    arrival: Arrival | None = None
    due_at: datetime | None = None
    fetching: Fetching | None = None
    """As it is put off."""
    error: str | None = None
    recovered: bool = False
    """What waits of this source is due at once."""


def standing_in_the_way(source: Source | None) -> str | None:
    """Why nothing can be fetched for the source at all."""
    if source is None:
        return NOT_CONFIGURED
    return None if source.access_token else NO_TOKEN


def room(pace: Pace, credentials: str, now: datetime, free: int) -> int:
    """How many of the source may be asked for now.

    While something is wrong one at a time finds out whether it still is; another token than the
    one that was refused is tried at once.
    """
    if pace.reason is not None and credentials != pace.credentials:
        return min(1, free)
    if now < pace.next_at:
        return 0
    return min(1, free) if pace.failures or pace.reason else free


def asked(pace: Pace, count: int, credentials: str, now: datetime) -> Pace:
    """The source once so many of its leads are asked for; a probe has the field to itself."""
    if pace.failures or pace.reason is not None:
        return pace._replace(
            next_at=now + timedelta(seconds=PROBE_SECONDS), credentials=credentials
        )
    return pace._replace(next_at=now + timedelta(seconds=count / PER_SECOND))


def paused(pace: Pace, reason: str, credentials: str, now: datetime) -> Pace:
    """The source standing still until somebody acts, or a careful try works."""
    wait = _doubled(_FIRST_PAUSE, pace.failures, LONGEST_WAIT)
    return pace._replace(
        next_at=now + timedelta(seconds=wait),
        failures=pace.failures + 1,
        reason=reason,
        failed_at=now,
        credentials=credentials,
        changes=pace.changes + (pace.reason != reason),
    )


def after(result: Result, fetching: Fetching, pace: Pace, this: Try) -> Step:
    """What follows from the result of one try."""
    match result:
        case Content(arrival):
            return _answered(pace, this)._replace(arrival=arrival)
        case Missing(code):
            return _missing(code, fetching, pace, this)
        case Refused(code):
            known = pace.reason is not None and _is_stale(pace, this)
            stopped = pace if known else paused(pace, code, this.credentials, this.now)
            return Step(stopped, due_at=this.now, fetching=_uncounted(fetching), error=code)
        case Throttled(code, seconds):
            same = _uncounted(fetching)
            wait = seconds or _doubled(_FIRST_THROTTLE, pace.failures, LONGEST_WAIT)
            return Step(_waiting(pace, this, wait), due_at=this.now, fetching=same, error=code)
        case Failed(code):
            wait = _doubled(_FIRST_WAIT, fetching.tries - 1, LONGEST_WAIT) * _spread(this)
            probe = _doubled(1.0, pace.failures, LONGEST_TROUBLE) * _spread(this)
            due_at = this.now + timedelta(seconds=wait)
            waiting = pace if _is_stale(pace, this) else _waiting(pace, this, probe)
            return Step(waiting, due_at=due_at, fetching=fetching, error=code)


def second_revision(first: LeadCaptured, arrival: Arrival, source: Source | None) -> LeadCaptured:
    """The same submission with its content; its id, key and arrival stay those of the first."""
    known = first.attribution
    attribution = msgspec.structs.replace(
        known,
        page_url=arrival.attribution.page_url or known.page_url,
        ad=known.ad | arrival.attribution.ad,
        click_ids=known.click_ids | arrival.attribution.click_ids,
    )
    form = arrival.form or attribution.ad.get("form_id")
    held = held_for_its_form(arrival._replace(form=form), source) if source else None
    return msgspec.structs.replace(
        first,
        revision=2,
        hydrate=False,
        digest=digest(arrival.content),
        raw=arrival.raw or b"",
        content_type="application/json",
        fields=first.fields | dict(arrival.fields),
        extra=first.extra | plain(dict(arrival.extra)),
        consent=plain(arrival.consent) if arrival.consent is not None else first.consent,
        attribution=attribution,
        held=arrival.held or held,
        test=first.test or arrival.test,
        occurred_at=arrival.occurred_at or first.occurred_at,
        proven=arrival.proven,
    )


def given_up(fetching: Fetching, reason: str) -> Arrival:
    """A lead that nobody can read any more: held with what is known of it, never dropped."""
    return Arrival(fetching.item, f"{reason}:{fetching.item}".encode(), held=reason)


def _answered(pace: Pace, this: Try) -> Step:
    """The platform has answered; one that was asked before it failed says nothing about that."""
    if _is_stale(pace, this):
        return Step(pace)
    resumed = pace.reason is not None
    fresh = pace._replace(
        next_at=min(pace.next_at, this.now) if pace.failures or resumed else pace.next_at,
        failures=0,
        reason=None,
        failed_at=None,
        credentials="",
        changes=pace.changes + resumed,
    )
    return Step(fresh, recovered=resumed or pace.failures >= _RECOVERED_FROM)


def _missing(code: str, fetching: Fetching, pace: Pace, this: Try) -> Step:
    step = _answered(pace, this)._replace(error=code)
    if fetching.missing >= len(MISSING_AFTER):
        return step._replace(arrival=given_up(fetching, UNREADABLE))
    wait = timedelta(seconds=MISSING_AFTER[fetching.missing])
    again = fetching._replace(missing=fetching.missing + 1)
    return step._replace(due_at=this.now + wait, fetching=again)


def _waiting(pace: Pace, this: Try, seconds: float) -> Pace:
    next_at = this.now + timedelta(seconds=seconds)
    if _is_stale(pace, this):
        return pace._replace(next_at=max(pace.next_at, next_at))
    return pace._replace(next_at=next_at, failures=pace.failures + 1, failed_at=this.now)


def _is_stale(pace: Pace, this: Try) -> bool:
    """Whether the try began before the source was last found to fail."""
    return pace.failed_at is not None and this.began < pace.failed_at


def _uncounted(fetching: Fetching) -> Fetching:
    """A try that was no fault of the lead's own."""
    return fetching._replace(tries=max(0, fetching.tries - 1))


def _doubled(first: float, times: int, most: float) -> float:
    return min(most, first * 2.0 ** min(times, _MOST_DOUBLINGS))


def _spread(this: Try) -> float:
    """Half to all of a wait, so that those who failed together do not come again together."""
    return 0.5 + this.chance / 2
