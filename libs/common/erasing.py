"""What an erasure says to every service, and what it leaves (docs/decisions/0016-erasure.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from msgspec import structs

from libs.common.errors import Reject
from libs.common.events import Activity, Attribution, Contact, Lead, Payload, Score, Touch, as_id
from libs.common.ours import is_forged

ASKED: Final = "staff.erased"
"""Staff have asked that a person be erased."""
SUBMISSION_ERASED: Final = "submission.erased"
"""A submission is gone, and its person stays."""
PERSON_ERASED: Final = "person.erased"
"""Nothing of a person is left."""
ERASED: Final = "erased"
"""Why a lead is lost of which nothing is left."""


class Erasure(msgspec.Struct, frozen=True, omit_defaults=True):
    """The `data` of both activities."""

    persons: tuple[str, ...] = ()
    """The person's id, and those of all that were ever joined into it; many in parts."""
    person: Contact = Contact()
    """Of a person who stays: as known without the submission."""
    person_version: int = 0
    touches: tuple[Touch, ...] = ()
    """What is left of theirs, the latest of them."""
    told: tuple[str, ...] = ()
    """Activities that told of the submission: its visit, its resends; many in parts."""
    reason: str = ""
    submissions: tuple[str, ...] = ()
    """Of a person of whom nothing is left: the newest of theirs, as something may be under way."""
    conflicts: tuple[str, ...] = ()
    """Of the same: activities that showed what had named them under somebody else's key."""
    part: int = 0
    """Which word it is, where one could not name all."""


def erasure_in(data: Payload) -> Erasure | None:
    """The erasure that an event tells of, every id in it in its one form.

    Raises Reject where it cannot be read.
    """
    if not isinstance(data, Activity) or data.type not in (SUBMISSION_ERASED, PERSON_ERASED):
        return None
    if is_forged(data.type, data.actor):
        return None
    try:
        found = msgspec.convert(data.data, Erasure)
        return structs.replace(found, persons=tuple(as_id(one) for one in found.persons))
    except (msgspec.ValidationError, ValueError) as error:
        raise Reject("unreadable_erasure") from error


def emptied(lead: Lead, at: datetime) -> Lead:
    """The lead without anything that was told of its person. Its version stays for the caller."""
    is_open = lead.state == "open"
    return structs.replace(
        lead,
        state="lost" if is_open else lead.state,
        lost_reason=None if lead.state == "won" else ERASED,
        closed_at=lead.closed_at or at,
        contact=Contact(),
        score=Score(0, 0, 0, lead.score.version, ()),
        temperature="cold",
        first_touch=bare(lead.first_touch),
        last_touch=bare(lead.last_touch),
        snoozed_until=None,
        waiting=None,
        deadline=None,
        erased_at=lead.erased_at or at,
    )


def bare(touch: Touch) -> Touch:
    """That there was a touch, and when; not from where."""
    return structs.replace(touch, attribution=Attribution())
