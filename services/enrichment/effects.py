"""What a slice leaves in the store, as values: claims to decide on, and rows to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from libs.common.events import Contact, LeadCaptured, Touch
from services.enrichment.dedupe import Claim, Decision, Settled, Visit
from services.enrichment.fold import profile_of
from services.enrichment.identify import identifiers_of
from services.enrichment.intake import Item
from services.enrichment.placing import Apart
from services.enrichment.verdict import Outcome
from services.enrichment.visits import visit_of


class Row(msgspec.Struct, frozen=True):
    """A submission as it is to be written. `raw` None leaves the stored bytes."""

    id: str
    cause: str
    """The event that made it so."""
    round: int
    revision: int
    event_id: str
    outcome: Outcome
    reason: str | None
    person_id: str | None
    captured: LeadCaptured
    written: str
    """`captured` as JSON."""
    contact: Contact
    raw: bytes | None


class TouchRow(NamedTuple):
    """A touch with its own id (a submission may have several), its event and its person."""

    id: str
    cause: str
    person_id: str
    touch: Touch


class Resend(msgspec.Struct, frozen=True):
    """Another body under a submission id that is taken."""

    event_id: str
    conflict: bool
    captured: LeadCaptured
    raw: bytes
    contact: Contact


def claims(items: Sequence[Item], known: Mapping[str, str]) -> list[Claim | Visit]:
    """What counts for identity, in order; `known` are persons of visits that come again."""
    found: list[Claim | Visit] = []
    for item in items:
        if visit := visit_of(item, known):
            found.append(visit)
        captured, draft = item.captured, item.draft
        if captured is None or draft is None or not item.is_somebodys:
            continue
        resent = item.action == "resent"
        came = captured.attribution
        keys = identifiers_of(draft.contact, captured.source_kind, came.visitor_id, came.scan)
        claim = Claim(
            submission_id=captured.submission_id,
            profile=profile_of(draft.contact, item.touch),
            identifiers=tuple(keys),
            cause=item.event.id,
            person_id=item.stored.person_id if item.stored else None,
            resent=resent,
        )
        found.append(claim)
    return found


def rows(items: Sequence[Item], settled: Settled) -> list[Row]:
    """The submissions that the slice made or changed, in order."""
    return [_row(item, settled) for item in items if item.changes]


def _row(item: Item, settled: Settled) -> Row:
    after, draft = item.after, item.draft
    if draft is None:
        raise ValueError("an event without content changes no submission")
    return Row(
        id=after.id,
        cause=item.event.id,
        round=after.round,
        revision=after.revision,
        event_id=after.event_id,
        outcome=after.outcome,
        reason=after.reason,
        person_id=settled.person_of(item.event.id),
        captured=after.captured,
        written=item.written or msgspec.json.encode(after.captured).decode(),
        contact=draft.contact,
        raw=item.raw,
    )


def touches(items: Sequence[Item], settled: Settled) -> list[TouchRow]:
    """The points of contact of the slice."""
    return [
        TouchRow(
            item.event.id if item.action == "resent" else item.touch.submission_id,
            item.event.id,
            settled.living(decision.person_id),
            item.touch,
        )
        for item, decision in _decided(items, settled)
    ]


def resends(items: Sequence[Item]) -> list[Resend]:
    """The other bodies under ids that are taken."""
    return [
        Resend(
            event_id=item.event.id,
            conflict=item.action == "key_conflict",
            captured=item.captured,
            raw=item.raw or b"",
            contact=item.draft.contact,
        )
        for item in items
        if item.action in ("key_conflict", "resent") and item.captured and item.draft
    ]


def apart(items: Sequence[Item]) -> list[Apart]:
    """What came under another id and is a submission of its own."""
    return [apart for item in items if (apart := item.apart)]


def candidates(items: Sequence[Item], settled: Settled) -> list[tuple[str, str, str]]:
    """Pairs of persons that one submission named, with that submission."""
    return [
        (decision.person_id, other, item.touch.submission_id)
        for item, decision in _decided(items, settled)
        for other in decision.conflicts
    ]


def _decided(items: Sequence[Item], settled: Settled) -> Iterator[tuple[Item, Decision]]:
    for item in items:
        if item.is_somebodys and (decision := settled.decisions.get(item.event.id)):
            yield item, decision
