"""Folds events into the rows of the read model, whatever order they come in.

Facts are kept by id; a submission's state advances by (round, rank); a lead or a message is
whole in each event and only a newer version replaces it (delivery rule 11).
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from libs.common.erasing import PERSON_ERASED, erasure_in
from libs.common.events import (
    Activity,
    Attribution,
    DeadLetter,
    Event,
    LeadCaptured,
    LeadRouted,
    LeadScored,
    NotificationSettled,
    SubmissionEnriched,
    derived_id,
)
from libs.common.ours import VISITOR, is_forged
from services.desk.reading.arrival import Names, as_typed
from services.desk.reading.asides import TYPES as ASIDES
from services.desk.reading.asides import fold_aside
from services.desk.reading.late_scan import known_by, late_scan_in
from services.desk.reading.letter import is_step
from services.desk.reading.numbering import place_in
from services.desk.reading.rows import (
    AssignmentRow,
    ErasedRow,
    HeldRow,
    LetterRow,
    NotificationRow,
    Rows,
    SubmissionRow,
    TimelineRow,
)
from services.desk.reading.states import DEAD_IN, RANKS
from services.desk.reading.story import lines
from services.desk.reading.touch import happened, of_touch

_TYPED, _NORMALISED = 1, 2
_ENDED: Final = frozenset({"discarded", "erased", "enriched", "activity", "test"})


def fold(events: Sequence[Event], names: Names) -> Rows:
    """The rows that these events amount to."""
    rows = Rows()
    for event in events:
        add(rows, event, names)
    return rows


def add(rows: Rows, event: Event, names: Names) -> None:
    """Fold one event more into the rows."""
    _FOLDS[type(event.data)](rows, event, event.data)
    for n, line in enumerate(lines(event, names)):
        rows.timeline.append(TimelineRow(_cause(event), n, line))


def _cause(event: Event) -> str:
    """What its lines are told of, once: of the same content at any time its first arrival."""
    data = event.data
    if isinstance(data, LeadCaptured) and data.again_after:
        return derived_id("arrival", data.submission_id)
    return event.id


def merged(old: SubmissionRow, new: SubmissionRow) -> SubmissionRow:
    """Both together; the statement that writes them merges by the same rule."""
    is_ahead = (new.round, new.rank, old.state_at) > (old.round, old.rank, new.state_at)
    ahead = new if is_ahead else old  # of two alike the earlier
    newer = (new.content_round, new.content_weight) >= (old.content_round, old.content_weight)
    content = new if newer else old
    return SubmissionRow(
        id=old.id,
        round=ahead.round,
        rank=ahead.rank,
        state=ahead.state,
        state_at=ahead.state_at,
        reason=ahead.reason,
        source=old.source or new.source,
        kind=old.kind or new.kind,
        received_at=old.received_at or new.received_at,
        occurred_at=old.occurred_at or new.occurred_at,
        lead_id=new.lead_id or old.lead_id,
        person_id=new.person_id or old.person_id,
        content_round=content.content_round,
        content_weight=content.content_weight,
        contact=content.contact,
        attribution=content.attribution,
        content_type=old.content_type or new.content_type,
        raw_size=old.raw_size or new.raw_size,
        is_test=old.is_test or new.is_test,
    )


def _submission(rows: Rows, event: Event, submission_id: str, state: str, **known: Any) -> None:
    given = {"round": event.round, "rank": RANKS.get(state), **known}
    row = SubmissionRow(id=submission_id, state=state, state_at=event.time, **given)
    old = rows.submissions.get(row.id)
    rows.submissions[row.id] = merged(old, row) if old else row


def _captured(rows: Rows, event: Event, data: LeadCaptured) -> None:
    if place := place_in(event):
        spool, number = place
        rows.spools[spool] = max(number, rows.spools.get(spool, 0))
    _submission(
        rows,
        event,
        data.submission_id,
        "received",
        is_test=data.test,
        source=data.source,
        kind=data.kind,
        received_at=data.received_at,
        content_round=event.round,
        content_weight=_TYPED,
        contact=as_typed(data),
        attribution=data.attribution,
        content_type=data.content_type,
        raw_size=len(data.raw),
    )


def _enriched(rows: Rows, event: Event, data: SubmissionEnriched) -> None:
    _submission(
        rows,
        event,
        data.submission_id,
        data.outcome,
        **of_touch(data.touch),
        reason=data.reason,
        person_id=data.person_id,
        content_round=event.round,
        content_weight=_NORMALISED,
        contact=data.contact,
        attribution=data.touch.attribution,
        raw_size=data.raw_size or None,
    )
    if data.outcome == "erased":
        rows.erased[data.submission_id] = ErasedRow(data.submission_id, "submission", event.time)
    if data.person_id:
        rows.survivors.update(dict.fromkeys(data.joined, data.person_id))
    if data.outcome == "quarantined" or data.outcome in _ENDED:
        _held(rows, event, data)


def _held(rows: Rows, event: Event, data: SubmissionEnriched) -> None:
    row = HeldRow(
        id=data.submission_id,
        submission_id=data.submission_id,
        round=event.round,
        state="held" if data.outcome == "quarantined" else "ended",
        reason=data.reason or "",
        source=data.touch.source,
        received_at=data.touch.received_at or event.time,
        occurred_at=happened(data.touch),
        content_type=None,
        raw_size=data.raw_size or len(data.raw or b""),
        raw=data.raw,
    )
    if row.state == "ended" and not event.round:
        return  # it was never held
    old = rows.held.get(row.id)
    ahead = row if old is None or row.round >= old.round else old
    raw = row.raw or (old.raw if old else None)
    rows.held[row.id] = ahead._replace(raw=raw, raw_size=max(row.raw_size, len(raw or b"")))


def _scored(rows: Rows, event: Event, data: LeadScored) -> None:
    if data.submission_id:
        _submission(rows, event, data.submission_id, "scored", person_id=data.person_id)


def _routed(rows: Rows, event: Event, data: LeadRouted) -> None:
    lead = data.lead
    old = rows.leads.get(lead.id)
    if old is None or lead.version > old.version:
        rows.leads[lead.id] = lead
    if given := lead.assignment:
        rows.assignments[given.id] = AssignmentRow(
            given.id, lead.id, given.team, given.specialist, given.rule, given.at
        )
    if data.submission_id:
        touches = (lead.last_touch, lead.first_touch)
        touch = next((t for t in touches if t.submission_id == data.submission_id), None)
        _submission(
            rows,
            event,
            data.submission_id,
            data.outcome or "received",
            **(of_touch(touch) if touch else {}),
            lead_id=lead.id,
            person_id=lead.person_id,
            attribution=touch.attribution if touch else Attribution(),
        )


def _settled(rows: Rows, event: Event, data: NotificationSettled) -> None:
    old = rows.notifications.get(data.notification_id)
    if old is None or data.version > old.version:
        rows.notifications[data.notification_id] = NotificationRow(data.version, data)
    if data.submission_id and data.outcome:
        _submission(rows, event, data.submission_id, data.outcome, lead_id=data.lead_id)


def _acted(rows: Rows, event: Event, data: Activity) -> None:
    if data.actor == VISITOR and data.submission_id:
        _submission(rows, event, data.submission_id, "activity", person_id=data.person_id)
    if is_forged(data.type, data.actor):
        return
    if (erasure := erasure_in(data)) and data.type == PERSON_ERASED:
        for person in erasure.persons:
            rows.erased[person] = ErasedRow(person, "person", event.time)
        for body in erasure.conflicts:  # shown as if it were a submission of its own
            rows.erased[body] = ErasedRow(body, "submission", event.time)
    if late := late_scan_in(data):
        known = known_by(late, event.round)
        _submission(rows, event, late.touch.submission_id, "received", **known)
    if data.type in ASIDES:
        fold_aside(rows, event, data)
    if data.type != "submission.key_conflict" or not data.submission_id:
        return
    raw = _bytes(data.data.get("raw"))
    rows.held[event.id] = HeldRow(
        id=event.id,
        submission_id=data.submission_id,
        round=event.round,
        state="held",
        reason="key_conflict",
        source=data.data.get("source"),
        received_at=data.at,
        content_type=data.data.get("content_type"),
        raw_size=len(raw),
        raw=raw,
        is_conflict=True,
    )


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(value or "", validate=True)
    except (binascii.Error, ValueError, TypeError):
        return str(value).encode()


def _known(written: str | None) -> str | None:
    """The id, if it is one: a dead letter may be of a record that was never ours."""
    try:
        return str(uuid.UUID(written)) if written else None
    except ValueError:
        return None


def _died(rows: Rows, event: Event, data: DeadLetter) -> None:
    submission_id = _known(data.submission_id)
    stands_still = data.stage in DEAD_IN and is_step(data.stage, data.topic, data.value)
    if submission_id and stands_still:
        rank = DEAD_IN[data.stage]
        _submission(rows, event, submission_id, "dead", rank=rank, reason=data.reason)
    row = LetterRow(
        id=data.letter_id,
        round=event.round,
        stage=data.stage,
        reason=data.reason,
        detail=data.detail,
        topic=data.topic,
        key=data.key,
        at=data.at,
        submission_id=submission_id,
        headers=data.headers,
        value=data.value,
    )
    old = rows.letters.get(row.id)
    rows.letters[row.id] = row if old is None or row.round >= old.round else old


_FOLDS: Final[dict[type[msgspec.Struct], Callable[[Rows, Event, Any], None]]] = {
    LeadCaptured: _captured,
    SubmissionEnriched: _enriched,
    LeadScored: _scored,
    LeadRouted: _routed,
    NotificationSettled: _settled,
    Activity: _acted,
    DeadLetter: _died,
}
