"""CloudEvents 1.0 in Kafka binary mode: JSON value, attributes as `ce_*` headers.

https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/kafka-protocol-binding.md
Header values are plain UTF-8. Own extensions: `round` (how often a person sent this on again)
and, from capture, `spool` and `sequence` (the books find a missing record by them). The extension
`partitionkey` is CloudEvents' own: what the records of one conversation share.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from libs.common import topics
from libs.common.errors import Reject
from libs.common.events import payloads
from libs.common.log.port import Record, Stored

TYPES: Final[dict[str, tuple[str, type[payloads.Payload]]]] = {
    "sarnakh.lead.captured.v1": (topics.CAPTURED, payloads.LeadCaptured),
    "sarnakh.submission.enriched.v1": (topics.ENRICHED, payloads.SubmissionEnriched),
    "sarnakh.lead.scored.v1": (topics.SCORED, payloads.LeadScored),
    "sarnakh.lead.routed.v1": (topics.ROUTED, payloads.LeadRouted),
    "sarnakh.notification.settled.v1": (topics.NOTIFIED, payloads.NotificationSettled),
    "sarnakh.activity.v1": (topics.ACTIVITY, payloads.Activity),
}
_TOPICS: Final = {struct: topic for topic, struct in TYPES.values()}
_TYPED: Final = {struct: ("ce_type", name.encode()) for name, (_topic, struct) in TYPES.items()}
_SPECVERSION: Final = ("ce_specversion", b"1.0")
_CONTENT_TYPE: Final = ("content-type", b"application/json")
_DECODERS: Final = {
    name.encode(): msgspec.json.Decoder(struct) for name, (_topic, struct) in TYPES.items()
}
_EXTENSIONS: Final = tuple((name, f"ce_{name}") for name in ("partitionkey", "spool", "sequence"))
_ENCODER: Final = msgspec.json.Encoder()
_NAMESPACE: Final = uuid.UUID("6f6a1f0e-6f0b-5b7e-9d54-5a726e616b68").bytes

_ID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
"""How ids are written here; what else a UUID may look like costs ten times as much to read."""
_ID_LENGTH: Final = 36
_MOST_ROUNDS: Final = 2**31 - 1
"""What a database column for rounds holds."""
_UNREADABLE: Final = (
    msgspec.DecodeError,
    ValueError,
    KeyError,
    OverflowError,  # a time that UTC's calendar has not
    RecursionError,  # JSON in JSON in JSON …
)


class Event(msgspec.Struct, frozen=True):
    """One event: who caused it, under which key it travels, and what it says."""

    id: str
    """A UUID, derived from its cause, so that a repeat is seen as a repeat."""
    key: str
    """Submission id before a person is known, person id after; never a phone or an e-mail."""
    time: datetime
    data: payloads.Payload
    source: str = "/sarnakh"
    round: int = 0
    """0, and one more each time a human sends the submission on again (replay, release)."""
    traceparent: str | None = None
    extensions: tuple[tuple[str, str], ...] = ()

    @property
    def topic(self) -> str:
        """Where this kind of event travels."""
        return _TOPICS[type(self.data)]

    @property
    def subject(self) -> str | None:
        """The submission that it concerns, if one."""
        return self.data.submission_id


def derived_id(*parts: str) -> str:
    """An id that is the same for the same cause (UUID version 5 over the parts)."""
    hashed = hashlib.sha1(_NAMESPACE + "\x1f".join(parts).encode(), usedforsecurity=False)
    digits = hashed.hexdigest()  # laid out here, as RFC 9562 has it: twice as fast as `uuid.uuid5`
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def as_id(text: str) -> str:
    """The id in its one form. Raises ValueError for what is no UUID."""
    return text if len(text) == _ID_LENGTH and _is_written(text) else str(uuid.UUID(text))


@lru_cache(maxsize=2048)
def _is_written(text: str) -> bool:
    """Whether it is written as ours are; a slice asks about the same ones again and again."""
    return _ID.fullmatch(text) is not None


def digest(body: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(body).hexdigest()


def encode(event: Event) -> Record:
    """The event as a record of its topic."""
    headers = [
        _SPECVERSION,
        ("ce_id", event.id.encode()),
        ("ce_source", event.source.encode()),
        _TYPED[type(event.data)],
        ("ce_time", _in_utc(event.time).isoformat().encode()),
        _CONTENT_TYPE,
    ]
    if subject := event.subject:
        headers.append(("ce_subject", subject.encode()))
    if event.round:
        headers.append(("ce_round", str(event.round).encode()))
    if event.extensions:
        headers.extend((f"ce_{name}", value.encode()) for name, value in event.extensions)
    if event.traceparent:
        headers.append(("traceparent", event.traceparent.encode()))
    return Record(event.topic, event.key, _ENCODER.encode(event.data), tuple(headers))


def _in_utc(time: datetime) -> datetime:
    return time if time.tzinfo is UTC else time.astimezone(UTC)


def attributes(record: Stored | Record) -> dict[str, str]:
    """The `ce_*` attributes (without the prefix) and traceparent; unreadable bytes replaced."""
    return {
        name.removeprefix("ce_"): value.decode(errors="replace") for name, value in record.headers
    }


def decode(record: Stored | Record) -> Event:
    """The event in a record. Raises Reject for what is no event of ours."""
    found = dict(record.headers)
    decoder = _DECODERS.get(found.get("ce_type", b""))
    if decoder is None or "ce_id" not in found:
        raise Reject("not_an_event")
    try:
        event_id = as_id(_text(found["ce_id"]))
        data = decoder.decode(record.value)
        time = datetime.fromisoformat(_text(found["ce_time"]))
        in_utc = time if time.tzinfo is UTC else time.astimezone(UTC)
        rounds = int(_text(found["ce_round"])) if "ce_round" in found else 0
    except _UNREADABLE as error:
        raise Reject("unreadable_event") from error
    if time.tzinfo is None or not 0 <= rounds <= _MOST_ROUNDS:
        raise Reject("unreadable_event")
    return Event(
        id=event_id,
        key=record.key,
        time=in_utc,
        data=data,
        source=_text(found.get("ce_source", b"")),
        round=rounds,
        traceparent=_text(found.get("traceparent", b"")) or None,
        extensions=tuple([(n, _text(found[h])) for n, h in _EXTENSIONS if h in found]),
    )


def _text(value: bytes) -> str:
    return value.decode(errors="replace")
