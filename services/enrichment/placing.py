"""Of which submission a message is (docs/decisions/0020-conversations.md).

The messages of a conversation's day are one submission. One that finds it ended, held or gone is
a submission of its own, under the id that it alone has: somebody who writes reaches somebody.
So is what has no id but its content and is sent again after a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import structs

from libs.common.events import Activity, Event, LeadCaptured, as_id
from services.enrichment.stored import Stored, moment_of, said_at

ANEW: Final = "submission.anew"
"""Routing's word that a message came when its lead was closed and no other was open."""
MESSAGE: Final = "message"
"""The message's own id, in that word and in the one of a resend."""


class Past(NamedTuple):
    """What earlier slices did with messages that this one names."""

    told: frozenset[str] = frozenset()
    """Events whose message is a touch already."""
    anew: Mapping[str, LeadCaptured] = MappingProxyType({})
    """By the event that asks for it: the message, under its own id."""
    moments: Mapping[str, Sequence[datetime]] = MappingProxyType({})
    """By the id that it came under: when the same content, near in time, was sent anew."""


NOTHING: Final = Past()


class Named(NamedTuple):
    """A message, by the conversation's submission and by its own id."""

    conversation: str
    message: str


class Apart(NamedTuple):
    """What is a submission of its own: the id that it came under, its own, and its moment."""

    conversation: str
    message: str
    moment: datetime


def with_message(data: LeadCaptured, submission_id: str) -> LeadCaptured:
    """The same with its ids in their one form; what is no id is none."""
    message = known(data.message)
    if (data.submission_id, data.message) == (submission_id, message):
        return data
    return structs.replace(data, submission_id=submission_id, message=message)


def placed(
    event: Event, data: LeadCaptured, stored: Mapping[str, Stored], past: Past
) -> LeadCaptured | None:
    """The content under the submission that it is of; None where it has been told."""
    if data.message is None:
        return data
    place = _by_its_content if data.again_after else _by_its_conversation
    return place(event, data, stored, past)


def _by_its_conversation(
    event: Event, data: LeadCaptured, stored: Mapping[str, Stored], past: Past
) -> LeadCaptured | None:
    own, whole = stored.get(data.message or ""), stored.get(data.submission_id)
    if whole is not None and event.id == whole.event_id:
        return data
    if own is not None:
        return _known_by_itself(event, data, own, whole)
    begins = any(one.submission_id == data.message for one in past.anew.values())
    if whole is None or (goes_on(whole) and not begins):
        return data
    if begins or event.id in past.told or _was_erased(data, whole):
        return None
    return alone(data)


def _by_its_content(
    event: Event, data: LeadCaptured, stored: Mapping[str, Stored], past: Past
) -> LeadCaptured | None:
    """The content under its own id, but for the first that is read; None of a repeat.

    In whichever order they are read: no two that count are as near to each other as a repeat is,
    and each repeat is that near to one that counts (docs/decisions/0022-the-same-form-again.md).
    """
    first = stored.get(data.submission_id)
    if first is None or event.id == first.event_id:
        return data
    if data.message in stored:
        return alone(data)
    moments = (said_at(first.captured), *past.moments.get(data.submission_id, ()))
    if _was_erased(data, first) or any(is_near(data, moment) for moment in moments):
        return None
    return alone(data)


def is_near(data: LeadCaptured, moment: datetime) -> bool:
    """Whether the same content of that moment makes it a repeat."""
    return abs(said_at(data) - moment) < timedelta(seconds=data.again_after)


def _known_by_itself(
    event: Event, data: LeadCaptured, own: Stored, whole: Stored | None
) -> LeadCaptured | None:
    """Of a message that is a submission: told again it is nothing, with other words its resend.

    One of an older capture begins the conversation too, where nothing else has: what was accepted
    under the conversation's id comes to an end under it.
    """
    if own.event_id == event.id:
        return alone(data)
    if own.captured.message:
        return None if own.captured.digest == data.digest else alone(data)
    return data if whole is None and own.outcome != "erased" else None


def goes_on(whole: Stored) -> bool:
    """Whether later messages of the conversation are touches of this submission."""
    return whole.outcome == "enriched" and not whole.is_over


def alone(data: LeadCaptured) -> LeadCaptured:
    """The message as a submission of its own."""
    return structs.replace(data, submission_id=data.message or data.submission_id)


def _was_erased(data: LeadCaptured, whole: Stored) -> bool:
    """Whether it was sent before the conversation was erased: told again, it says nothing."""
    return whole.erased_at is not None and moment_of(data) <= whole.erased_at


def messages_in(batch: Iterable[Event]) -> dict[str, Named]:
    """The messages of a slice, by event; of one that is to be anew, both of its ids too."""
    found = {}
    for event in batch:
        data = event.data
        if isinstance(data, LeadCaptured):
            ids = (known(data.submission_id), known(data.message))
        elif isinstance(data, Activity) and data.type == ANEW:
            ids = (known(data.submission_id), known(str(data.data.get(MESSAGE))))
        else:
            continue
        if ids[0] and ids[1]:
            found[event.id] = Named(ids[0], ids[1])
    return found


def known(text: str | None) -> str | None:
    """An id in its one form; None for what is none."""
    if not text:
        return None
    try:
        return as_id(text)
    except ValueError:
        return None
