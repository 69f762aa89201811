"""What is to be erased, and what is left of a person then. Pure: docs/decisions/0016-erasure.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import reduce
from itertools import zip_longest
from typing import Final, NamedTuple

import msgspec
from msgspec import structs

from libs.common.erasing import ASKED, PERSON_ERASED, SUBMISSION_ERASED, Erasure, bare
from libs.common.events import (
    Activity,
    Contact,
    Event,
    LeadCaptured,
    SubmissionEnriched,
    Touch,
    derived_id,
)
from services.enrichment.fold import Profile, contact_of, merge, profile_of
from services.enrichment.identify import Identifier, identifiers_of
from services.enrichment.late_scan import fact_of
from services.enrichment.verdict import VISITS

MOST_NAMED: Final = 1000
"""In one word, of a kind, so that it stays far below what a log takes. Of the submissions of an
erased person the newest: a fetch or an answer may be under way."""
DUE: Final = "timer.visits_erased"
MOST_TOUCHES: Final = 200
"""Of those that are left, the latest told: a lead's first and last are among them."""
LARGEST_TOUCHES: Final = 512 * 1024
"""Bytes of JSON that they take together; one alone may take a whole megabyte."""


class Gone(NamedTuple):
    """A submission that is no more, with what is still said of it."""

    id: str
    kind: str
    source: str
    received_at: datetime
    round: int

    @property
    def is_visit(self) -> bool:
        """Whether it is what somebody did: nobody is told of its end but by its person's."""
        return self.kind in VISITS


class Told(NamedTuple):
    """A touch with what it brought."""

    touch: Touch
    contact: Contact
    source_kind: str


class Left(NamedTuple):
    """What is left of a person."""

    profile: Profile
    identifiers: frozenset[Identifier]
    touches: tuple[Touch, ...]


def is_asked(event: Event) -> bool:
    """Whether the event asks that something be erased, or that more be told of it."""
    data = event.data
    if isinstance(data, LeadCaptured):
        return data.withdrawn
    return isinstance(data, Activity) and data.type in (ASKED, DUE)


def is_due(event: Event) -> bool:
    """Whether the event is the timer that tells of further ends."""
    return isinstance(event.data, Activity) and event.data.type == DUE


def due(person_id: str, cause: str, at: datetime) -> tuple[str, datetime, Event]:
    """That timer, as it is planned."""
    timer_id = derived_id(DUE, cause, at.isoformat())
    activity = Activity(activity_id=timer_id, type=DUE, at=at, person_id=person_id)
    return timer_id, at, Event(timer_id, person_id, at, activity, source="/sarnakh/enrichment")


def left(before: Profile, told: Sequence[Told], gone: str) -> Left | None:
    """The person without the submission; None where nothing is left.

    What the profile says beyond its touches stays, unless that submission said it: content that
    was dropped for its age.
    """
    if not told:
        return None
    profiles = [profile_of(one.contact, one.touch) for one in told]
    known = {name: fact for name, fact in before.facts.items() if fact.by != gone}
    newest = reduce(merge, profiles)
    whole = merge(structs.replace(newest, facts=known), newest)
    keys = (
        identifiers_of(
            one.contact,
            one.source_kind,
            one.touch.attribution.visitor_id,
            one.touch.attribution.scan,
        )
        for one in told
    )
    touches = sorted((one.touch for one in told), key=lambda touch: touch.at)[-MOST_TOUCHES:]
    return Left(whole, frozenset(key for found in keys for key in found), _fitting(touches))


def _fitting(touches: Sequence[Touch]) -> tuple[Touch, ...]:
    """As many whole as there is room for, the last and the first before those between them.

    Of others it is said that they were, and when; not from where.
    """
    room, kept = LARGEST_TOUCHES, dict[int, Touch]()
    for place in (-1, *range(len(touches) - 1)):
        touch = touches[place]
        size = len(msgspec.json.encode(touch))
        kept[place % len(touches)] = touch if size <= room else bare(touch)
        room -= size if size <= room else 0
    return tuple(kept[place] for place in range(len(touches)))


def submission_erased(gone: Gone, person_id: str | None, at: datetime) -> Event:
    """The end of a submission, without anything that was in it; the same however often said."""
    touch = Touch(
        submission_id=gone.id,
        kind=gone.kind,
        source=gone.source,
        at=gone.received_at,
        received_at=gone.received_at,
    )
    return Event(
        id=derived_id("erased", gone.id),
        key=person_id or gone.id,
        time=at,
        data=SubmissionEnriched(gone.id, "erased", touch, person_id=person_id),
        source="/sarnakh/enrichment",
        round=gone.round,
    )


def person_stays(gone: Gone, erasure: Erasure, at: datetime) -> list[Event]:
    """The words to those who know the person: one, unless it would name too many."""
    return [_said(SUBMISSION_ERASED, part, at, submission_id=gone.id) for part in _parts(erasure)]


def without(
    gone: Gone, persons: Sequence[str], what: Left, version: int, resent: Sequence[str]
) -> Erasure:
    """The first of `persons` as known now; `resent` is what told of other bodies of it."""
    return Erasure(
        persons=tuple(persons),
        person=contact_of(what.profile),
        person_version=version,
        touches=what.touches,
        told=(derived_id("visit", gone.id), fact_of(gone.id), *resent),
    )


class Asked(NamedTuple):
    """By whom it is asked that a person be erased, and why."""

    actor: str = "system"
    reason: str = ""


def person_erased(
    persons: Sequence[str],
    gone: Iterable[Gone],
    conflicts: Iterable[str],
    at: datetime,
    asked: Asked,
) -> list[Event]:
    """The word that nothing is left of the first of `persons`, nor of those that joined it.

    `conflicts` are events that brought what named them under somebody else's key.
    """
    newest = sorted(gone, key=lambda one: (one.received_at, one.id))[-MOST_NAMED:]
    whole = Erasure(
        persons=tuple(persons),
        reason=asked.reason,
        submissions=tuple(one.id for one in newest),
        conflicts=tuple(derived_id("key_conflict", one) for one in conflicts),
    )
    return [_said(PERSON_ERASED, part, at, actor=asked.actor) for part in _parts(whole)]


def _parts(whole: Erasure) -> Iterator[Erasure]:
    """The same in words that each name few enough: what one has no room for, further ones name.

    Each is under the person's own id, so that they are read in this order, and whole without the
    others: whoever reads one, or one twice, has done what it says.
    """
    living, *joined = whole.persons
    named = (_few(joined), _few(whole.told), _few(whole.conflicts))
    for number, (persons, told, bodies) in enumerate(zip_longest(*named, fillvalue=())):
        yield structs.replace(
            whole,
            persons=(living, *persons),
            told=told,
            conflicts=bodies,
            submissions=() if number else whole.submissions,
            part=number,
        )


def _few(all_: Sequence[str]) -> list[tuple[str, ...]]:
    """So many at once; once nothing, where there are none."""
    starts = range(0, len(all_), MOST_NAMED) or (0,)
    return [tuple(all_[start : start + MOST_NAMED]) for start in starts]


def _said(
    kind: str,
    erasure: Erasure,
    at: datetime,
    *,
    submission_id: str | None = None,
    actor: str = "system",
) -> Event:
    person_id = erasure.persons[0]
    further = (str(erasure.part),) if erasure.part else ()
    identity = derived_id(kind, submission_id or person_id, *further)
    data = Activity(
        activity_id=identity,
        type=kind,
        at=at,
        actor=actor,
        person_id=person_id,
        submission_id=submission_id,
        data=msgspec.to_builtins(erasure),
    )
    return Event(identity, person_id, at, data, source="/sarnakh/enrichment")
