"""What arrives: whose it is, what it adds, and which persons turn out to be one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from libs.common.errors import Reject
from libs.common.events import Activity, Payload, SubmissionEnriched, as_id
from services.scoring.fact import Fact, of_activity, of_submission


class Arrival(NamedTuple):
    """One event that matters to scoring; `enriched` is set when it is a submission."""

    person_id: str
    fact: Fact
    joined: tuple[str, ...] = ()
    enriched: SubmissionEnriched | None = None


class Identities(NamedTuple):
    """Who everybody is now, and who of them was somebody else until now."""

    survivors: Mapping[str, str]
    retired: Mapping[str, str]


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
        return Arrival(_id(data.person_id), fact, joined, data)
    if isinstance(data, Activity):
        done = of_activity(data)
        if done is not None and data.person_id is not None:
            return Arrival(_id(data.person_id), _told(done, told_at))
    return None


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


def _id(value: str) -> str:
    try:
        return as_id(value)
    except ValueError as error:
        raise Reject("unreadable_id") from error
