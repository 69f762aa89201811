"""A submission of which another body, or a later message, was replayed: how it stands.

A replay begins a round of the submission, at the desk and for whoever waits for it; where what was
replayed is only beside the submission, that goes its way anew as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from libs.common.events import Contact, Event, LeadCaptured, SubmissionEnriched, derived_id
from services.enrichment.answers import Made
from services.enrichment.dedupe import Settled
from services.enrichment.fold import contact_of
from services.enrichment.intake import Item, as_it_is, submission_of
from services.enrichment.stored import Stored


def beside(items: Iterable[Item], stored: Mapping[str, Stored], country: str) -> Iterator[Item]:
    """Submissions whose round is another one by events that are not of their own content.

    `stored` as the slice leaves it. What was erased stays so.
    """
    rounds = {id_: one.round for id_, one in stored.items() if one.outcome != "erased"}
    for item in items:
        event, id_ = item.event, submission_of(item.event)
        if not isinstance(event.data, LeadCaptured) or id_ is None:
            continue
        if event.round > rounds.get(id_, event.round):
            rounds[id_] = event.round
            yield as_it_is(event, stored[id_], country)


def restated(item: Item, person_id: str | None, settled: Settled, made: Made) -> Event:
    """The submission as it stands, in its round; its person as known, if anybody's."""
    captured, draft, verdict = item.captured, item.draft, item.verdict
    if captured is None or draft is None or verdict is None:
        raise ValueError("an event without content has no outcome")
    known = settled.persons.get(person_id or "")
    data = SubmissionEnriched(
        submission_id=captured.submission_id,
        outcome=verdict.outcome,
        touch=item.touch,
        contact=draft.contact,
        person_id=person_id,
        person=contact_of(known.profile) if known else Contact(),
        reason=verdict.reason,
        notes=draft.notes,
        verified=draft.verified,
        raw_size=item.raw_size,
        config_version=made.config_version,
    )
    return Event(
        id=derived_id("restated", item.event.id),
        key=person_id or captured.submission_id,
        time=made.at,
        data=data,
        source="/sarnakh/enrichment",
        round=item.round,
        traceparent=item.event.traceparent,
    )
