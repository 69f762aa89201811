"""A row that was taken, as the event that a form's post would be."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from libs.common.events import Activity, Attribution, Event, LeadCaptured, derived_id, digest
from services.desk.imports.choice import Choice
from services.desk.imports.judge import Taken
from services.desk.store.entries import Place

KIND: Final = "import"
FROM: Final = "/sarnakh/desk/import"
IMPORTED: Final = "staff.imported"
"""Whoever was given leads of the list is told of them now (decision 18)."""


class List(NamedTuple):
    """The list that rows are of, and who says what of it."""

    id: str
    name: str
    digest: str
    choice: Choice
    actor: str
    region: str
    config_version: int


def submission_id(taken: Taken) -> str:
    """The same for the same row, whichever file it comes in."""
    return derived_id("import", taken.mark.hex())


def as_event(
    taken: Taken, row: tuple[int, Mapping[str, str]], of: List, place: Place, now: datetime
) -> Event:
    """The submission as captured; its raw bytes are the row, which is its line and its cells."""
    line, cells = row
    raw = msgspec.json.encode(cells)
    identity = submission_id(taken)
    told = {"list": of.id, "file": of.name, "sha256": of.digest, "row": line}
    data = LeadCaptured(
        submission_id=identity,
        kind=KIND,
        source=of.choice.source,
        source_kind=KIND,
        received_at=now,
        digest=digest(raw),
        raw=raw,
        content_type="application/json",
        key_owner="ours",
        region=of.region,
        fields=taken.fields,
        extra={**taken.extra, "_import": told},
        consent=consent_of(of, now),
        attribution=Attribution(
            page_url=taken.page_url or of.choice.page_url or None, utm=taken.utm
        ),
        candidates=taken.candidates,
        temperature="cold" if of.choice.is_cold else None,
        entered_by=of.actor,
        config_version=of.config_version,
    )
    return Event(
        id=derived_id("entered", identity),
        key=identity,
        time=now,
        data=data,
        source=FROM,
        extensions=(("spool", place.spool), ("sequence", str(place.sequence))),
    )


def ended(item: str, actor: str, now: datetime) -> Event:
    """Says that a list has been worked through, as far as it is to be for now."""
    identity = str(uuid.uuid4())
    data = Activity(activity_id=identity, type=IMPORTED, at=now, actor=actor, data={"list": item})
    return Event(id=identity, key=item, time=now, data=data)


def consent_of(of: List, now: datetime) -> dict[str, Any]:
    """On which ground they may be contacted, who says so, and when."""
    said: dict[str, Any] = {"basis": of.choice.basis, "by": of.actor, "at": now.date().isoformat()}
    return said | ({"note": of.choice.note} if of.choice.note else {})
