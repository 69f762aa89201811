"""Visits and scans: whose they are once somebody is known, and what is told of them then.

A visitor id is a weak key: it never makes two persons one. What was done under it before
anybody was known belongs to the first who identifies there, what is done later to whoever
identified last (docs/decisions/0008-visitors-before-persons.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from msgspec import structs

from libs.common.events import Activity, Attribution, Event, LeadCaptured, derived_id
from libs.common.normal.page import normal_page
from services.enrichment.dedupe import Carried, Claim, Visit
from services.enrichment.identify import SCAN, Identifier, identifiers_of
from services.enrichment.intake import Item

MOST_AT_ONCE: Final = 500
"""Earlier visits that one slice tells of, the latest first; a timer fetches the others."""
MOST_TURNS: Final = 10
"""Of that timer, for one person: beyond so many visits nobody learns anything from more, and
a stranger who posts them by the million under somebody's id gains nothing."""
MOST_A_DAY: Final = 500
"""Visits of one person that are told of a day (UTC, as received); the others are kept and counted.
Anybody may post under any visitor id, and nobody reads so many."""
DUE: Final = "timer.visits_due"


class Waiting(NamedTuple):
    """A visit of nobody yet, under a key that has just become somebody's."""

    identifier: Identifier
    captured: LeadCaptured


class Scan(msgspec.Struct, frozen=True):
    """What a token stands for: the scan of a code, as it was recorded."""

    token: str
    submission_id: str
    at: datetime
    attribution: Attribution


def visit_of(item: Item, known: Mapping[str, str]) -> Visit | None:
    """The visit in an item; None for anything else, and for what no person seems to have done.

    `known` are persons of submissions that came before and come again.
    """
    captured, draft = item.captured, item.draft
    if captured is None or draft is None or not item.is_visit:
        return None
    seen = captured.attribution
    visitor = None if captured.kind == "qr" else seen.visitor_id
    keys = identifiers_of(draft.contact, captured.source_kind, visitor)
    if captured.kind == "qr" and seen.scan:
        keys = [Identifier(SCAN, seen.scan)]
    before = item.stored.person_id if item.stored else None
    named = known.get(captured.submission_id) or before or captured.fields.get("person_id")
    return Visit(
        submission_id=captured.submission_id,
        cause=item.event.id,
        identifiers=tuple(keys),
        scan=Identifier(SCAN, seen.scan) if seen.scan else None,
        person_id=named,
    )


def with_carriers(claims: Iterable[Claim | Visit], carried: Carried) -> list[Claim | Visit]:
    """The claims, each scan under the keys, too, of the visits that came before it was read."""
    return [under_carriers(one, carried) if isinstance(one, Visit) else one for one in claims]


def under_carriers(visit: Visit, carried: Carried) -> Visit:
    """A scan under the keys, too, of the visits that came before it was read."""
    if visit.scan is None or not visit.is_scan:
        return visit
    keys = [key for carrier in carried.get(visit.scan.value, ()) for key in carrier.keys]
    own = visit.identifiers
    return structs.replace(visit, identifiers=(*own, *(k for k in keys if k not in own)))


def persons_of(carried: Carried) -> set[str]:
    """Whose the visits are that came with tokens."""
    return {one.person_id for those in carried.values() for one in those if one.person_id}


def led(carried: Carried, living: Mapping[str, str]) -> dict[Identifier, str]:
    """Whose scans are by the visits that they led to: the earliest that is somebody's."""
    found: dict[Identifier, str] = {}
    for token, carriers in carried.items():
        known = (living.get(carrier.person_id) for carrier in carriers if carrier.person_id)
        if person := next(filter(None, known), None):
            found[Identifier(SCAN, token)] = person
    return found


def scans_in(items: Iterable[Item]) -> list[Scan]:
    """The scans that the slice brings."""
    return [
        Scan(
            item.captured.attribution.scan,
            item.captured.submission_id,
            item.captured.received_at,
            item.draft.attribution,
        )
        for item in items
        if item.captured and item.draft and item.captured.kind == "qr"
        if item.is_visit and item.captured.attribution.scan
    ]


def after_scans(items: Sequence[Item], scans: Mapping[str, Scan]) -> list[Item]:
    """The items with what is known of the scans that they name."""
    return [_after_scan(item, scans) for item in items]


def _after_scan(item: Item, scans: Mapping[str, Scan]) -> Item:
    draft = item.draft
    scan = scans.get(draft.attribution.scan or "") if draft else None
    if draft is None or scan is None or (item.captured and item.captured.kind == "qr"):
        return item
    chat = item.captured is not None and item.captured.kind == "chat"
    came = came_by(draft.attribution, scan.attribution, by_code=chat)
    return structs.replace(item, draft=structs.replace(draft, attribution=came))


def came_by(own: Attribution, scan: Attribution, *, by_code: bool) -> Attribution:
    """A touch's attribution with its scan's: the code always, else only where it says nothing.

    `by_code`: a chat knows no page, its own is its source's and gives way to the code's.
    """
    pages = (scan, own) if by_code and scan.page else (own, scan)
    return structs.replace(
        own,
        qr=scan.qr,
        page=pages[0].page or pages[1].page,
        page_url=pages[0].page_url or pages[1].page_url,
        utm=own.utm or scan.utm,
        click_ids=own.click_ids or scan.click_ids,
    )


def told(captured: LeadCaptured, person_id: str, at: datetime) -> Event:
    """The visit as its person's activity; the same visit told again is the same event."""
    seen = captured.attribution
    said = captured.extra.get("data")
    data = dict(said) if isinstance(said, dict) else {}
    facts = {"qr": seen.qr, "label": captured.extra.get("label")} if captured.kind == "qr" else {}
    activity = Activity(
        activity_id=derived_id("visit", captured.submission_id),
        type=captured.activity or "visit",
        at=captured.occurred_at or captured.received_at,
        actor="visitor",
        person_id=person_id,
        submission_id=captured.submission_id,
        visitor_id=seen.visitor_id,
        page=normal_page(seen.page_url),
        data=data | {name: value for name, value in facts.items() if value},
    )
    return Event(
        id=derived_id("visit.told", captured.submission_id, person_id),
        key=person_id,
        time=at,
        data=activity,
        source="/sarnakh/enrichment",
    )


def due(person_id: str, cause: str, turn: int, at: datetime) -> tuple[str, datetime, Event]:
    """The timer that tells of further visits, as it is planned."""
    timer_id = derived_id(DUE, cause, person_id, str(turn))
    activity = Activity(
        activity_id=timer_id, type=DUE, at=at, person_id=person_id, data={"turn": turn}
    )
    event = Event(timer_id, person_id, at, activity, source="/sarnakh/enrichment")
    return timer_id, at, event


def turn_of(event: Event) -> int | None:
    """Which turn a timer of ours is; None for any other event."""
    data = event.data
    if not isinstance(data, Activity) or data.type != DUE or data.person_id is None:
        return None
    turn = data.data.get("turn")
    return turn if isinstance(turn, int) and not isinstance(turn, bool) else MOST_TURNS
