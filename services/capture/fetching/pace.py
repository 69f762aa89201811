"""How a source is taken: when it may be asked, and what is blamed on it rather than on its leads.

A source has a pace, and so has each of its forms or pages that ever denied a lead. Pure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from libs.common.configuration.schema import Source
from libs.common.standstill import Lack
from services.capture.sources.fetch import Missing, Refused

NOT_CONFIGURED: Final = "not_configured"
NO_TOKEN: Final = "no_token"  # noqa: S105 - a reason, not a token

LONGEST_WAIT: Final = 3600.0
"""Seconds, of one lead, and of a source that has asked too often or is paused."""
LONGEST_TROUBLE: Final = 40.0
"""Of a source whose platform is in trouble: one lead finds out when that is over, and no lead
waits for a minute from then."""
PER_SECOND: Final = 5.0
"""Leads asked of one source: far below what platforms allow, far above what they send."""
PROBE_SECONDS: Final = 20.0
BLAMED_FROM: Final = 3
"""Different leads in a row, and no success between: then it is not the leads' own fault."""
FIRST_PAUSE: Final = 300.0
FIRST_DENIAL: Final = 60.0
"""Of a pause that follows from leads, not from the token: the leads may be to blame after all."""
_MOST_DOUBLINGS: Final = 12


class Pace(NamedTuple):
    """When a source, or one form or page of it, may be asked again, and what stands in its way."""

    kind: str
    source: str
    next_at: datetime
    failures: int = 0
    """In a row, as far as they are its own and not a lead's."""
    reason: str | None = None
    """Why it is paused until somebody acts; None while it is not."""
    failed_at: datetime | None = None
    """When that was last found: a try that began before says nothing new."""
    credentials: str = ""
    """Digest of the token that was refused."""
    changes: int = 0
    """How often it was paused or resumed."""
    place: str = ""
    """The form or page; empty for the source as a whole."""
    failing: tuple[str, ...] = ()
    """Different leads that failed in a row, up to as many as count."""
    denied: tuple[str, ...] = ()
    """The same, of leads that we may not see; of a whole source also its paused places."""
    lacks: Lack | None = None
    """What its platform says is missing; None while it is not paused, or not for an answer."""


class Try(NamedTuple):
    """A try: when it began and ended by one clock, whose token, and a chance in 0..1."""

    began: datetime
    now: datetime
    credentials: str
    chance: float


def standing_in_the_way(source: Source | None) -> str | None:
    """Why nothing can be fetched for the source at all."""
    if source is None:
        return NOT_CONFIGURED
    return None if source.access_token else NO_TOKEN


def room(pace: Pace, credentials: str, now: datetime, free: int) -> int:
    """How many may be asked for now.

    While something is wrong one at a time finds out whether it still is; another token than the
    one that was refused is tried at once.
    """
    if pace.reason is not None and credentials != pace.credentials:
        return min(1, free)
    if now < pace.next_at:
        return 0
    return min(1, free) if pace.failures or pace.reason else free


def asked(pace: Pace, count: int, credentials: str, now: datetime) -> Pace:
    """The pace once so many leads are asked for; a probe has the field to itself."""
    if pace.failures or pace.reason is not None:
        return pace._replace(
            next_at=now + timedelta(seconds=PROBE_SECONDS), credentials=credentials
        )
    return pace._replace(next_at=now + timedelta(seconds=count / PER_SECOND))


def stopped(pace: Pace, reason: str, lacks: Lack | None, this: Try) -> Pace:
    """Standing still as a whole, which says nothing of its leads."""
    if pace.reason is not None and is_stale(pace, this):
        return pace
    return _paused(pace, reason, lacks, this, FIRST_PAUSE)._replace(denied=(), failing=())


def _paused(pace: Pace, reason: str, lacks: Lack | None, this: Try, first: float) -> Pace:
    """Standing still until somebody acts, or a careful try works."""
    wait = doubled(first, pace.failures, LONGEST_WAIT)
    return pace._replace(
        next_at=this.now + timedelta(seconds=wait),
        failures=pace.failures + 1,
        reason=reason,
        lacks=lacks,
        failed_at=this.now,
        credentials=this.credentials,
        changes=pace.changes + (pace.reason != reason),
    )


def answered(pace: Pace, this: Try) -> Pace:
    """All is well; what was asked before it failed says nothing about that."""
    if is_stale(pace, this):
        return pace
    resumed = pace.reason is not None
    return pace._replace(
        next_at=min(pace.next_at, this.now) if pace.failures or resumed else pace.next_at,
        failures=0,
        reason=None,
        lacks=None,
        failed_at=None,
        credentials="",
        changes=pace.changes + resumed,
        failing=(),
        denied=(),
    )


def waiting(pace: Pace, this: Try, seconds: float) -> Pace:
    """Left in peace for so long; those under way together count as one failure."""
    next_at = this.now + timedelta(seconds=seconds)
    if is_stale(pace, this):
        return pace._replace(next_at=max(pace.next_at, next_at))
    return pace._replace(next_at=next_at, failures=pace.failures + 1, failed_at=this.now)


def failed(pace: Pace, lead: str, this: Try, spread: float) -> Pace:
    """A lead failed: from the third one in a row on it is the platform that is in trouble."""
    if is_stale(pace, this):
        return pace
    pace = pace._replace(failing=_with(pace.failing, lead))
    if len(pace.failing) < BLAMED_FROM and not pace.failures:
        return pace
    return waiting(pace, this, doubled(1.0, pace.failures, LONGEST_TROUBLE) * spread)


def denied(pace: Pace, who: str, found: Refused | Missing, this: Try, weight: int = 1) -> Pace:
    """A lead (or form) is not for us to see: from the third one in a row on we lack the right.

    Its weight is how many leads it shows as much as: a suspect one none.
    """
    if is_stale(pace, this):
        return pace
    if not is_denied(pace):
        pace = answered(pace, this)._replace(denied=pace.denied if pace.reason is None else ())
    if weight:
        pace = pace._replace(denied=_with(pace.denied, who))
    shown = weight and len(pace.denied) + weight - 1 >= BLAMED_FROM
    if not shown and not is_denied(pace):
        return pace
    if pace.reason is not None:
        return _paused(pace, pace.reason, pace.lacks, this, FIRST_DENIAL)
    return _paused(pace, found.code, found.lacks, this, FIRST_DENIAL)


def is_denied(pace: Pace) -> bool:
    """Whether it is paused for what its leads met with; a new lead may tell otherwise."""
    return pace.reason is not None and bool(pace.denied)


def open_to_newer_than(pace: Pace, now: datetime) -> datetime | None:
    """Of a denied one: since when a lead must have come to be tried before the pause is over."""
    if not is_denied(pace) or pace.failed_at is None:
        return None
    return pace.failed_at if now >= pace.failed_at + timedelta(seconds=FIRST_DENIAL) else None


def is_stale(pace: Pace, this: Try) -> bool:
    """Whether the try began before the source was last found to fail."""
    return pace.failed_at is not None and this.began < pace.failed_at


def doubled(first: float, times: int, most: float) -> float:
    """Seconds of the wait after so many."""
    return min(most, first * 2.0 ** min(times, _MOST_DOUBLINGS))


def _with(known: tuple[str, ...], one: str) -> tuple[str, ...]:
    return known if one in known or len(known) >= BLAMED_FROM else (*known, one)
