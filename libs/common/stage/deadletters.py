"""Dead letters: the original record, byte for byte, with the reason in headers beside it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from libs.common import topics
from libs.common.errors import Reject
from libs.common.events import DeadLetter, Event, attributes, derived_id
from libs.common.log import Record, Stored

_MARK = "dead_"


def dead_letter(stage: str, stored: Stored, why: Reject, at: datetime) -> Record:
    """The record to append to the stage's dead-letter topic.

    Headers of an earlier death are replaced: a letter says why it died last.
    """
    original = tuple(h for h in stored.headers if not h[0].startswith(_MARK))
    said = {
        "stage": stage,
        "reason": why.reason,
        "detail": why.detail,
        "topic": stored.partition.topic,
        "partition": str(stored.partition.number),
        "offset": str(stored.offset),
        "at": at.astimezone(UTC).isoformat(),
    }
    marks = tuple((_MARK + name, value.encode()) for name, value in said.items())
    return Record(topics.dead(stage), stored.key, stored.value, original + marks)


def reason_in(letters: Iterable[Record]) -> str:
    """Why an event died, by its letter; of a letter that cannot be read none is written."""
    marks = (header for letter in letters for header in letter.headers)
    return next((value.decode() for name, value in marks if name == f"{_MARK}reason"), "no_letter")


def as_event(stored: Stored) -> Event:
    """A dead letter as the desk reads it. Raises Reject for a record without the marks."""
    found = attributes(stored)
    try:
        stage, reason = found["dead_stage"], found["dead_reason"]
        at = datetime.fromisoformat(found["dead_at"])
        rounds = int(found["round"]) if found.get("round", "").isdigit() else 0
    except (KeyError, ValueError) as error:
        raise Reject("not_a_dead_letter") from error
    name = found.get("id") or f"{found.get('dead_partition')}:{found.get('dead_offset')}"
    original = tuple(h for h in stored.headers if not h[0].startswith(_MARK))
    return Event(
        id=derived_id("dead", stage, found.get("dead_topic", ""), name, str(rounds)),
        key=stored.key,
        time=at,
        round=rounds,
        data=DeadLetter(
            letter_id=derived_id("dead", stage, found.get("dead_topic", ""), name),
            stage=stage,
            reason=reason,
            detail=found.get("dead_detail", ""),
            topic=found.get("dead_topic", ""),
            key=stored.key,
            at=at,
            submission_id=found.get("subject"),
            value=stored.value,
            headers=tuple((n, v.decode(errors="replace")) for n, v in original),
        ),
    )
