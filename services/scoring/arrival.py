"""What arrives: whose it is, what it adds, and which persons turn out to be one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple

import msgspec

from libs.common.erasing import PERSON_ERASED, erasure_in
from libs.common.errors import Reject
from libs.common.events import Activity, Payload, SubmissionEnriched, as_id
from services.scoring.fact import Fact, of_activity, of_submission


class Arrival(NamedTuple):
    """One event that matters to scoring; `enriched` is set when it is a submission."""

    person_id: str
    fact: Fact | None
    """None: nothing new is known, and something may be no more."""
    joined: tuple[str, ...] = ()
    enriched: SubmissionEnriched | None = None
    submission_id: str | None = None
    """What it came of."""


class Gone(NamedTuple):
    """What was erased: one submission of a person who stays, or the person."""

    persons: tuple[str, ...]
    """The person, and all that were joined into it."""
    submission_id: str | None
    """None: nothing is left of the person."""
    told: tuple[str, ...]
    """Facts that came of the submission beside its own."""


Read = Arrival | Gone | Reject | None
"""What an event is to scoring."""


class Identities(NamedTuple):
    """Who everybody is now, and who of them was somebody else until now."""

    survivors: Mapping[str, str]
    retired: Mapping[str, str]


def gone(data: Payload) -> Gone | None:
    """What the event erases; None where it erases nothing. Raises Reject when it is unreadable."""
    erasure = erasure_in(data)
    if erasure is None or not isinstance(data, Activity) or not erasure.persons:
        return None
    whole = data.type == PERSON_ERASED
    return Gone(erasure.persons, None if whole else _id(data.submission_id or ""), erasure.told)


def arrival(data: Payload, told_at: datetime) -> Arrival | None:
    """What the event says to scoring; None when it says nothing.

    Nothing happened after it was told: by a sender's clock that is ahead, points would not fade
    until then. Raises Reject when an id in it is none.
    """
    if isinstance(data, SubmissionEnriched) and data.outcome == "enriched":
        if data.person_id is None:
            raise Reject("enriched_without_person")
        joined = tuple(_id(person) for person in data.joined)
        _id(data.submission_id)
        fact = _told(of_submission(data), told_at)
        return Arrival(_id(data.person_id), fact, joined, data, _id(data.submission_id))
    if isinstance(data, Activity):
        done = of_activity(data)
        if done is not None and data.person_id is not None:
            fact = _told(done, told_at)
            return Arrival(_id(data.person_id), fact, submission_id=_known(data.submission_id))
    return None


def left(one: Read, erased: AbstractSet[str], ended: AbstractSet[str]) -> Read:
    """What is left of it where these persons and these submissions are erased.

    Of a person who stays the score is looked at again, and who joined it is known; what came of
    something erased is nothing.
    """
    if isinstance(one, Gone):
        stays = one.submission_id and one.persons[0] not in erased
        return Arrival(one.persons[0], None, one.persons[1:]) if stays else None
    if isinstance(one, Arrival) and (one.person_id in erased or one.submission_id in ended):
        return None
    return one


def _told(fact: Fact, at: datetime) -> Fact:
    return msgspec.structs.replace(fact, at=min(fact.at, at))


def identities(known: Mapping[str, str], arrivals: Iterable[Arrival]) -> Identities:
    """The persons after the joins that the arrivals tell of, on top of those known.

    `known` says whom each was joined into, which is themselves for those who were not.
    Told twice, or late, a join changes nothing: what was joined follows its survivor on.
    """
    survivors = dict(known)

    def root(person: str) -> str:
        while survivors[person] != person:
            person = survivors[person]
        return person

    retired = set()
    for arrived in arrivals:
        for joined in arrived.joined:
            old, new = root(joined), root(arrived.person_id)
            if old != new:
                survivors[old] = new
                retired.add(old)
    return Identities(
        {person: root(person) for person in survivors}, {old: root(old) for old in sorted(retired)}
    )


def _known(value: str | None) -> str | None:
    """The id, if it is one: an activity may name anything."""
    try:
        return as_id(value or "")
    except ValueError:
        return None


def _id(value: str) -> str:
    try:
        return as_id(value)
    except ValueError as error:
        raise Reject("unreadable_id") from error
