"""What is to be erased, and what is left of a person then. Pure: docs/decisions/0016-erasure.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from typing import Final, NamedTuple

import msgspec
from msgspec import structs

from libs.common.erasing import ASKED, PERSON_ERASED, SUBMISSION_ERASED, Erasure
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
from services.enrichment.verdict import VISITS

MOST_NAMED: Final = 1000
"""Of the submissions of an erased person, the newest: a fetch or an answer may be under way."""
MOST_TOUCHES: Final = 200
"""Of those that are left, the latest told: a lead's first and last are among them."""


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
    """Whether the event asks that something be erased."""
    data = event.data
    if isinstance(data, LeadCaptured):
        return data.withdrawn
    return isinstance(data, Activity) and data.type == ASKED


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
    return Left(whole, frozenset(key for found in keys for key in found), tuple(touches))


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


def person_stays(gone: Gone, erasure: Erasure, at: datetime) -> Event:
    """The word to those who know the person."""
    return _said(SUBMISSION_ERASED, erasure, at, submission_id=gone.id)


def without(
    gone: Gone, persons: Sequence[str], what: Left, version: int, resent: Sequence[str]
) -> Erasure:
    """The first of `persons` as known now; `resent` are events that brought other bodies of it."""
    return Erasure(
        persons=tuple(persons),
        person=contact_of(what.profile),
        person_version=version,
        touches=what.touches,
        told=(derived_id("visit", gone.id), *(derived_id("resent", one) for one in resent)),
    )


def person_erased(
    persons: Sequence[str], gone: Iterable[Gone], at: datetime, actor: str, reason: str
) -> Event:
    """The word that nothing is left of the first of `persons`, nor of those that joined it."""
    newest = sorted(gone, key=lambda one: (one.received_at, one.id))[-MOST_NAMED:]
    erasure = Erasure(
        persons=tuple(persons), reason=reason, submissions=tuple(one.id for one in newest)
    )
    return _said(PERSON_ERASED, erasure, at, actor=actor)


def _said(
    kind: str,
    erasure: Erasure,
    at: datetime,
    *,
    submission_id: str | None = None,
    actor: str = "system",
) -> Event:
    person_id = erasure.persons[0]
    identity = derived_id(kind, submission_id or person_id)
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
