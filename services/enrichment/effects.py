"""What a slice leaves in the store, as values: claims to decide on, and rows to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from libs.common.events import Contact, LeadCaptured, Note, Touch
from services.enrichment.answers import notes_on
from services.enrichment.dedupe import Claim, Decision, Settled, Visit
from services.enrichment.fold import profile_of
from services.enrichment.identify import identifiers_of
from services.enrichment.intake import Item
from services.enrichment.verdict import Outcome
from services.enrichment.visits import visit_of


class Row(msgspec.Struct, frozen=True):
    """A submission as it is to be written. `raw` None leaves the stored bytes."""

    id: str
    round: int
    revision: int
    event_id: str
    digest: str
    outcome: Outcome
    reason: str | None
    person_id: str | None
    captured: LeadCaptured
    contact: Contact
    verified: dict[str, Any]
    notes: tuple[Note, ...]
    raw: bytes | None
    config_version: int


class TouchRow(NamedTuple):
    """A touch with its own id (a submission may have several) and its person."""

    id: str
    person_id: str
    touch: Touch


class Resend(msgspec.Struct, frozen=True):
    """Another body under a submission id that is taken."""

    event_id: str
    conflict: bool
    captured: LeadCaptured
    raw: bytes


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
            profile=profile_of(draft.contact, item.touch()),
            identifiers=tuple(keys),
            cause=item.event.id,
            person_id=item.stored.person_id if item.stored else None,
            resent=resent,
        )
        found.append(claim)
    return found


def rows(items: Sequence[Item], settled: Settled, config_version: int) -> list[Row]:
    """The submissions that the slice made or changed, in order."""
    return [_row(item, settled, config_version) for item in items if item.changes]


def _row(item: Item, settled: Settled, config_version: int) -> Row:
    after, draft = item.after(), item.draft
    if draft is None:
        raise ValueError("an event without content changes no submission")
    decision = settled.decisions.get(item.event.id)
    return Row(
        id=after.id,
        round=after.round,
        revision=after.revision,
        event_id=after.event_id,
        digest=after.captured.digest,
        outcome=after.outcome,
        reason=after.reason,
        person_id=settled.person_of(item.event.id),
        captured=after.captured,
        contact=draft.contact,
        verified=draft.verified,
        notes=(*draft.notes, *(notes_on(decision) if decision else ())),
        raw=item.raw,
        config_version=config_version,
    )


def touches(items: Sequence[Item], settled: Settled) -> list[TouchRow]:
    """The points of contact of the slice."""
    return [
        TouchRow(
            item.event.id if item.action == "resent" else item.touch().submission_id,
            settled.living(decision.person_id),
            item.touch(),
        )
        for item, decision in _decided(items, settled)
    ]


def resends(items: Sequence[Item]) -> list[Resend]:
    """The other bodies under ids that are taken."""
    return [
        Resend(item.event.id, item.action == "key_conflict", item.captured, item.raw or b"")
        for item in items
        if item.action in ("key_conflict", "resent") and item.captured
    ]


def candidates(items: Sequence[Item], settled: Settled) -> list[tuple[str, str, str]]:
    """Pairs of persons that one submission named, with that submission."""
    return [
        (decision.person_id, other, item.touch().submission_id)
        for item, decision in _decided(items, settled)
        for other in decision.conflicts
    ]


def _decided(items: Sequence[Item], settled: Settled) -> Iterator[tuple[Item, Decision]]:
    for item in items:
        if item.is_somebodys and (decision := settled.decisions.get(item.event.id)):
            yield item, decision
