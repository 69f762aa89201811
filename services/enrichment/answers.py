"""The events that enrichment answers with, and the sentences about who it is."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from libs.common.events import (
    Activity,
    Contact,
    Event,
    Note,
    SubmissionEnriched,
    Text,
    derived_id,
)
from services.enrichment.dedupe import Decision, Settled
from services.enrichment.fold import contact_of
from services.enrichment.intake import Item
from services.enrichment.placing import MESSAGE

KNOWN: Final = "person_known"
"""Of a later message that goes without saying."""


def notes_on(decision: Decision) -> tuple[Note, ...]:
    """What was decided about the person, for the timeline."""
    notes = []
    if not decision.new:
        text = Text(
            fa="این شخص را از پیش می‌شناختیم؛ تماس به پروندهٔ او اضافه شد.",
            en="This person was known already; the touch was added to them.",
        )
        notes.append(Note(KNOWN, text))
    if decision.joined:
        text = Text(
            fa="دو پرونده از یک نفر بود و یکی شد؛ شناسهٔ قدیمی‌تر ماند.",
            en="Two records were of one person and were joined; the older id stays.",
        )
        notes.append(Note("persons_joined", text, {"joined": list(decision.joined)}))
    if decision.conflicts:
        text = Text(
            fa="شماره از یک نفر است و نشانی دیگر از نفر دیگری؛ شماره ملاک شد و کسی ادغام نشد.",
            en="The phone is one person's and the other contact another's; the phone decided "
            "and nobody was merged.",
        )
        notes.append(Note("identity_conflict", text, {"persons": list(decision.conflicts)}))
    return tuple(notes)


class Made(NamedTuple):
    """When a slice was saved, by which configuration, and what its answers need of that."""

    at: datetime
    config_version: int
    person_versions: Mapping[str, int]
    fresh: frozenset[str]
    """Resends, by event, that were not kept before."""


def enriched(item: Item, settled: Settled, made: Made) -> Event:
    """What became of the submission, keyed by its person if it has one."""
    captured, draft, verdict = item.captured, item.draft, item.verdict
    if captured is None or draft is None or verdict is None:
        raise ValueError("an event without content has no outcome")
    decision = settled.decisions.get(item.event.id)
    person_id = settled.person_of(item.event.id)
    person = contact_of(settled.persons[person_id].profile) if person_id and decision else Contact()
    data = SubmissionEnriched(
        submission_id=captured.submission_id,
        outcome=verdict.outcome,
        touch=item.touch,
        contact=draft.contact,
        person_id=person_id,
        person=person,
        person_version=made.person_versions.get(person_id or "", 0) if decision else 0,
        joined=decision.joined if decision else (),
        reason=verdict.reason,
        notes=(*draft.notes, *(notes_on(decision) if decision else ())),
        verified=draft.verified,
        new_person=bool(decision and decision.new and decision.person_id == person_id),
        raw_size=item.raw_size,
        raw=item.raw if verdict.outcome == "quarantined" else None,
        config_version=made.config_version,
    )
    return _event(item, "enriched", person_id or captured.submission_id, data, made)


def repeated(item: Item, settled: Settled, made: Made) -> Event:
    """Another body under the same submission id, so that it stays visible."""
    captured = item.captured
    if captured is None:
        raise ValueError("an event without content repeats nothing")
    conflict = item.action == "key_conflict"
    decision = settled.decisions.get(item.event.id)
    person_id = settled.living(decision.person_id) if decision else None
    facts: dict[str, Any] = {
        "source": captured.source,
        "kind": captured.kind,
        "digest": captured.digest,
    }
    if conflict or item.draft is None:
        facts |= {
            "content_type": captured.content_type,
            "raw": base64.b64encode(item.raw or b"").decode(),
        }
        page = None
    else:
        facts |= {"contact": msgspec.to_builtins(item.draft.contact)}
        page = item.draft.attribution.page
    if person_id and not conflict:
        facts |= {
            "touch": msgspec.to_builtins(item.touch),
            "person": msgspec.to_builtins(contact_of(settled.persons[person_id].profile)),
            "person_version": made.person_versions.get(person_id, 0),
        }
    if captured.message not in (None, captured.submission_id) and item.draft:
        notes = (*item.draft.notes, *(notes_on(decision) if decision else ()))
        facts |= {
            MESSAGE: captured.message,
            "verified": item.draft.verified,
            "notes": msgspec.to_builtins([one for one in notes if one.code != KNOWN]),
        }
    if item.is_supplement:
        facts |= {"supplement": True}
    data = Activity(
        activity_id=derived_id(item.action, item.event.id),
        type="submission.key_conflict" if conflict else "submission.resent",
        at=captured.received_at,
        person_id=person_id,
        submission_id=captured.submission_id,
        page=page,
        data=facts,
    )
    return _event(item, item.action, person_id or captured.submission_id, data, made)


def _event(
    item: Item, name: str, key: str, data: SubmissionEnriched | Activity, made: Made
) -> Event:
    return Event(
        id=derived_id(name, item.event.id),
        key=key,
        time=made.at,
        data=data,
        source="/sarnakh/enrichment",
        round=item.round,
        traceparent=item.event.traceparent,
    )
