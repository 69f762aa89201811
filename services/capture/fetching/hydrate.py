"""What follows from a try to fetch a lead: the second revision, another try, or a pause.

Pure: the clock and the chance are arguments. docs/decisions/0007-hydrating-in-capture.md
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from libs.common.bodies import plain
from libs.common.configuration.schema import Source
from libs.common.events import LeadCaptured, digest
from libs.common.held import UNREADABLE
from services.capture.fetching import pace as paces
from services.capture.fetching.pace import (
    BLAMED_FROM,
    FIRST_DENIAL,
    LONGEST_TROUBLE,
    LONGEST_WAIT,
    Pace,
    Try,
    doubled,
)
from services.capture.sources.arrival import Arrival, held_for_its_form
from services.capture.sources.fetch import Content, Failed, Missing, Refused, Result, Throttled

MISSING_AFTER: Final = (30.0, 120.0, 300.0, 600.0)
"""Seconds before each further try of what is not there; after the last a human is asked."""
_FIRST_WAIT: Final = 5.0
_FIRST_THROTTLE: Final = 60.0


class Fetching(NamedTuple):
    """A submission whose content is on its way."""

    submission_id: str
    item: str
    captured: LeadCaptured
    """Its first revision, without the raw bytes."""
    tries: int
    missing: int
    """How often the platform said that it is not there."""
    place: str = ""
    """The form or page that it is of."""
    denied: bool = False
    """Whether it was last put off because it is not for us to see."""
    suspect: bool = False
    """It met with trouble while its source did well: that says nothing of the source any more."""
    held: bool = False
    """It was given up and is asked for once more; everybody knows that it is held."""
    beside: bool = False
    """It has gone out whole; only the name of its sender is asked for."""
    record: str | None = None
    """The platform's record that it is of, with others, by the id of what takes that back."""


class Step(NamedTuple):
    """What to do: publish the content, or put the lead off. And how its source does now."""

    pace: Pace
    place: Pace | None = None
    """How its form or page does, where that is known."""
    arrival: Arrival | None = None
    due_at: datetime | None = None
    fetching: Fetching | None = None
    """As it is put off."""
    error: str | None = None
    is_over: bool = False
    """Nothing more is asked, and nothing is to be published."""
    recovered: bool = False
    """What waits of this source is due at once."""


def place_of(captured: LeadCaptured) -> str:
    """The form or page of a lead: a right may be missing for that alone."""
    ad = captured.attribution.ad
    known = ((name, ad.get(f"{name}_id")) for name in ("form", "page"))
    return next((f"{name}:{value}" for name, value in known if value), "")


def after(
    result: Result, fetching: Fetching, pace: Pace, this: Try, place: Pace | None = None
) -> Step:
    """What follows from the result of one try; place is the pace of its form or page."""
    match result:
        case Content(arrival):
            return _answered(pace, this, place)._replace(arrival=arrival)
        case Missing(code, own=True):
            return _missing(_answered(pace, this, place)._replace(error=code), fetching, this)
        case Refused(code, everywhere=True):
            still = paces.stopped(pace, code, result.lacks, this)
            return Step(still, place, due_at=this.now, fetching=_uncounted(fetching), error=code)
        case Missing() | Refused():
            return _denied(result, fetching, (pace, place), this)
        case Throttled(code, seconds):
            wait = seconds or doubled(_FIRST_THROTTLE, pace.failures, LONGEST_WAIT)
            slower = paces.waiting(pace, this, wait)
            return Step(slower, place, due_at=this.now, fetching=_uncounted(fetching), error=code)
        case Failed(code):
            return _failed(code, fetching, (pace, place), this)


def later_revision(
    first: LeadCaptured, arrival: Arrival, source: Source | None, revision: int = 2
) -> LeadCaptured:
    """The same submission with its content; its id, key and arrival stay those of the first."""
    known = first.attribution
    attribution = msgspec.structs.replace(
        known,
        page_url=arrival.attribution.page_url or known.page_url,
        referrer=arrival.attribution.referrer or known.referrer,
        utm=known.utm | arrival.attribution.utm,
        ad=known.ad | arrival.attribution.ad,
        click_ids=known.click_ids | arrival.attribution.click_ids,
    )
    form = arrival.form or attribution.ad.get("form_id")
    held = held_for_its_form(arrival._replace(form=form), source) if source else None
    return msgspec.structs.replace(
        first,
        revision=revision,
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
        candidates=dict(arrival.candidates),
        nickname=arrival.nickname,
    )


def with_name(first: LeadCaptured, arrival: Arrival) -> LeadCaptured:
    """The same submission with the name of its sender; what they said themselves goes before."""
    return msgspec.structs.replace(
        first,
        revision=2,
        platform_id=None,
        digest=digest(arrival.content),
        raw=arrival.raw or b"",
        content_type="application/json",
        fields=dict(arrival.fields) | first.fields,
        extra=plain(dict(arrival.extra)) | first.extra,
        reply={},
        nickname=arrival.nickname and "name" not in first.fields,
    )


def told_already(fetching: Fetching, arrival: Arrival) -> Arrival:
    """One more word of a form that another submission has brought: nobody, and nothing to do."""
    return Arrival(fetching.item, arrival.content, raw=b"", occurred_at=arrival.occurred_at)


def given_up(fetching: Fetching, reason: str) -> Arrival:
    """A lead that nobody can read any more: held with what is known of it, never dropped."""
    return Arrival(fetching.item, f"{reason}:{fetching.item}".encode(), held=reason)


def _answered(pace: Pace, this: Try, place: Pace | None) -> Step:
    """The platform has answered; one that was asked before it failed says nothing about that."""
    fresh = paces.answered(pace, this)
    there = paces.answered(place, this) if place else None
    return Step(fresh, there, recovered=_is_better(pace, fresh) or _is_better(place, there))


def _is_better(before: Pace | None, now: Pace | None) -> bool:
    if before is None or now is None or before == now:
        return False
    return bool(before.reason or before.failures or before.failing or before.denied)


def _denied(
    result: Refused | Missing, fetching: Fetching, how: tuple[Pace, Pace | None], this: Try
) -> Step:
    """Not for us to see: the lead's own fault, until its form or source turns out to lack a right.

    A lead that goes on being refused is enough to say so: nobody would hear of it otherwise.
    """
    pace, place = how
    level = place or pace
    tries = fetching.tries if isinstance(result, Refused) else 1
    weight = 0 if fetching.suspect else min(tries, BLAMED_FROM)
    now = paces.denied(level, fetching.submission_id, result, this, weight)
    source = _of_the_source((pace, place), now, result, this) if place else now
    step = Step(source, now if place else None, error=result.code)
    fetching = fetching._replace(denied=True)
    if now.reason is not None or source.reason is not None:
        same = _uncounted(fetching)._replace(missing=0)
        return step._replace(due_at=this.now, fetching=same)
    if isinstance(result, Missing):
        return _missing(step, fetching, this)
    wait = doubled(FIRST_DENIAL, fetching.tries - 1, LONGEST_WAIT)
    return step._replace(due_at=this.now + timedelta(seconds=wait), fetching=fetching)


def _of_the_source(
    before: tuple[Pace, Pace], place: Pace, result: Refused | Missing, this: Try
) -> Pace:
    """A paused form counts as one lead; any other answer only shows that there are answers."""
    pace, old = before
    is_new = place.reason is not None and old.reason is None
    return paces.denied(pace, place.place, result, this, int(is_new))


def _missing(step: Step, fetching: Fetching, this: Try) -> Step:
    if fetching.beside:
        return step._replace(is_over=True)
    if fetching.missing >= len(MISSING_AFTER):
        return step._replace(arrival=given_up(fetching, UNREADABLE))
    wait = timedelta(seconds=MISSING_AFTER[fetching.missing])
    again = fetching._replace(missing=fetching.missing + 1)
    return step._replace(due_at=this.now + wait, fetching=again)


def _failed(code: str, fetching: Fetching, how: tuple[Pace, Pace | None], this: Try) -> Step:
    pace, place = how
    spread = _spread(this)
    most = LONGEST_WAIT if fetching.suspect else LONGEST_TROUBLE  # its source keeps the pace
    wait = doubled(_FIRST_WAIT, fetching.tries - 1, most) * spread
    shows = pace.failures or not fetching.suspect
    after = paces.failed(pace, fetching.submission_id, this, spread) if shows else pace
    due_at = this.now + timedelta(seconds=wait)
    again = fetching._replace(denied=False)
    return Step(after, place, due_at=due_at, fetching=again, error=code)


def _uncounted(fetching: Fetching) -> Fetching:
    """A try that was no fault of the lead's own."""
    return fetching._replace(tries=max(0, fetching.tries - 1))


def _spread(this: Try) -> float:
    """Half to all of a wait, so that those who failed together do not come again together."""
    return 0.5 + this.chance / 2
