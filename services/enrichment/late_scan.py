"""A scan that is read after the form or chat that names it: what that learns of it, and says.

What a touch says itself stays: it has been routed and told of by that. Only what it left open is
filled in (docs/decisions/0008-visitors-before-persons.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from msgspec import structs

from libs.common.events import Activity, Attribution, Contact, Event, Touch, derived_id
from services.enrichment.effects import TouchRow
from services.enrichment.identify import LONGEST
from services.enrichment.intake import Item
from services.enrichment.verdict import VISITS
from services.enrichment.visits import came_by

_SAID: Final = "scanned"
"""Of what the ids are made by which the same word is known again."""


class Naming(NamedTuple):
    """A touch that names a scan of which nothing is known."""

    token: str
    touch_id: str
    """The submission's id; of a platform's changed resend its event's."""
    submission_id: str
    at: datetime
    """When it was received."""


class Waiting(msgspec.Struct, frozen=True):
    """A touch that waits for the scan that it names, as it is now."""

    token: str
    touch_id: str
    touch: Touch
    contact: Contact
    """What its submission brought."""
    round: int
    person_id: str | None
    """None while it is held."""

    @property
    def is_own(self) -> bool:
        """Whether it is the submission's own touch, and not a later body's."""
        return self.touch_id == self.touch.submission_id


def naming(items: Iterable[Item], touches: Iterable[TouchRow]) -> list[Naming]:
    """Those of the slice: touches of persons, and what is held until somebody releases it."""
    held = [item for item in items if _is_held(item)]
    rows = [(item.touch.submission_id, item.touch) for item in held]
    rows += [(row.id, row.touch) for row in touches]
    return [
        Naming(scan, touch_id, touch.submission_id, touch.received_at or touch.at)
        for touch_id, touch in rows
        if (scan := touch.attribution.scan) and not touch.attribution.qr and len(scan) <= LONGEST
    ]


def _is_held(item: Item) -> bool:
    is_held = item.verdict is not None and item.verdict.outcome == "quarantined"
    named = item.captured is not None and item.captured.kind not in VISITS
    return is_held and named and item.action == "content" and item.draft is not None


def learnt(waiting: Sequence[Waiting], scans: dict[str, Attribution]) -> list[Waiting]:
    """Those that learn something, with what is known of their scans by token."""
    return [
        structs.replace(one, touch=structs.replace(one.touch, attribution=came))
        for one in waiting
        if one.touch.attribution.qr is None
        if (scan := scans.get(one.token))
        if (came := came_by(one.touch.attribution, scan, by_code=False)).qr
    ]


def said(one: Waiting, person_id: str | None, at: datetime) -> Event:
    """The touch as it is known now; nobody came again, and the same word is the same event.

    Without `person`, so that a reader that knows of names alone leaves it aside.
    """
    facts = {
        "source": one.touch.source,
        "kind": one.touch.kind,
        "supplement": True,
        "scanned": True,
        "touch": msgspec.to_builtins(one.touch),
    }
    if one.is_own:
        facts |= {"brought": msgspec.to_builtins(one.contact)}
    else:
        facts |= {"of": told_as(one.touch_id)}
    activity = Activity(
        activity_id=fact_of(one.touch_id),
        type="submission.resent",
        at=one.touch.at,
        person_id=person_id,
        submission_id=one.touch.submission_id,
        data=facts,
    )
    return Event(
        id=derived_id(f"{_SAID}.told", one.touch_id),
        key=person_id or one.touch.submission_id,
        time=at,
        data=activity,
        source="/sarnakh/enrichment",
        round=one.round,
    )


def told_as(touch_id: str) -> str:
    """The event that tells of a later body's touch: a scan's word may be read before it."""
    return derived_id("resent", touch_id)


def fact_of(touch_id: str) -> str:
    """The id of the activity that tells of a touch's scan: an erasure names it."""
    return derived_id(_SAID, touch_id)
