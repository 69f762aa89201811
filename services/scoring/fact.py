"""What is kept of an event for scoring: who, when, and the fields that rules may ask about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from libs.common.events import Activity, SubmissionEnriched, Touch, as_id
from libs.common.ours import SCANNED, is_forged

MOST_BYTES: Final = 16 * 1024
"""Free fields that are larger than this together are left out: rules read words, not documents."""

MOST_TEXT: Final = 4_000
"""Of a message or another field, this many characters are kept for rules."""

RESENT: Final = "resent"
"""The kind of touch of a platform's changed repeat: new answers, but nobody came again."""

_RESENT: Final = "submission.resent"
_NOBODY_DID: Final = ("timer.", "submission.", "staff.noted")
"""A note is words about a person, and nothing that they did."""
_STAFF: Final = "staff."


Kind = Literal["submission", "activity", "visit", "staff"]
"""A visit is an activity that says little and comes often: a page seen, a mail opened."""

_VISITS: Final = frozenset({"page_view", "email_open", "scroll"})


class Fact(msgspec.Struct, frozen=True):
    """One thing that happened to a person; the score is a fold over these and nothing else."""

    id: str
    """Submission id or activity id: the same thing told twice is one fact."""
    kind: Kind
    at: datetime
    fields: dict[str, Any]
    """By root, as conditions name them: contact, verified, attribution, touch, activity."""


def as_kept(fact: Fact) -> Fact:
    """The fact as it is read back from where it is kept: its moment in UTC, no NUL in its texts."""
    written = msgspec.json.encode(fact.fields)
    fields = fact.fields
    if b"\\u0000" in written:
        fields = msgspec.json.decode(written.replace(b"\\u0000", b"\\ufffd"))
    if fact.at.tzinfo is UTC and fields is fact.fields:
        return fact
    return msgspec.structs.replace(fact, at=fact.at.astimezone(UTC), fields=fields)


def of_submission(enriched: SubmissionEnriched) -> Fact:
    """The fact in an enriched submission: what this one brought, not what was known before."""
    touch = enriched.touch
    fields: dict[str, Any] = {
        "contact": msgspec.to_builtins(enriched.contact),
        "verified": enriched.verified,
        "attribution": msgspec.to_builtins(touch.attribution),
        "touch": {"kind": touch.kind, "source": touch.source},
    }
    if touch.temperature:
        fields["touch"]["temperature"] = touch.temperature
    if _size(fields) > MOST_TEXT:  # else nothing in it is too long
        fields = _shortened(fields | {"contact": _without_bulk(fields["contact"])})
    return Fact(enriched.submission_id, "submission", touch.at, fields)


def of_activity(activity: Activity) -> Fact | None:
    """The fact in an activity; None for what no person did (clocks) or nobody is known for."""
    if activity.person_id is None:
        return None
    if is_forged(activity.type, activity.actor):
        return None
    if activity.type == _RESENT:
        return _of_resent(activity)
    if activity.type.startswith(_NOBODY_DID):
        return None
    fields = {
        "type": activity.type,
        "actor": activity.actor,
        "page": activity.page,
        "lead_id": activity.lead_id,
        "data": activity.data if _size(activity.data) <= MOST_BYTES else None,
    }
    kept = {name: value for name, value in fields.items() if value}
    read = {"activity": _shortened(kept)}
    if activity.type == SCANNED and isinstance(code := activity.data.get("qr"), str):
        read["attribution"] = {"qr": code[:MOST_TEXT]}  # so one rule counts the scan and the form
    return Fact(activity.activity_id, _kind(activity.type), activity.at, read)


def _kind(type_of_activity: str) -> Kind:
    if type_of_activity.startswith(_STAFF):
        return "staff"
    return "visit" if type_of_activity in _VISITS else "activity"


def _of_resent(activity: Activity) -> Fact:
    """Somebody who writes again in a chat came again: as much as by a submission of its own."""
    if activity.data.get("scanned") is True:
        return _of_late_scan(activity)
    contact = activity.data.get("contact")
    fields = {
        "contact": _without_bulk(contact) if isinstance(contact, dict) else {},
        "attribution": {"page": activity.page} if activity.page else {},
        "touch": {"kind": RESENT, "source": activity.data.get("source")},
    }
    if message := _message_in(activity):
        return _of_message(activity, message, fields)
    return Fact(activity.activity_id, "submission", activity.at, _shortened(fields))


def _message_in(activity: Activity) -> str | None:
    """The own id of a message in a chat; None where it is something else that was sent again."""
    try:
        return as_id(activity.data.get("message") or "")
    except (ValueError, TypeError, AttributeError):
        return None


def _of_message(activity: Activity, message: str, resent: dict[str, Any]) -> Fact:
    """Under the message's own id, which a submission of its own would have: one fact of both."""
    try:
        touch = msgspec.convert(activity.data.get("touch"), Touch)
    except msgspec.ValidationError:
        return Fact(message, "submission", activity.at, _shortened(resent))
    came = {
        "verified": activity.data.get("verified") or {},
        "attribution": msgspec.to_builtins(touch.attribution),
        "touch": {"kind": touch.kind, "source": touch.source},
    }
    return Fact(message, "submission", touch.at, _shortened(resent | came))


def _of_late_scan(activity: Activity) -> Fact:
    """What a touch did not know: its code, at the touch's own moment. Nobody came again."""
    touch = activity.data.get("touch")
    came = touch.get("attribution") if isinstance(touch, dict) else None
    code = came.get("qr") if isinstance(came, dict) else None
    fields: dict[str, Any] = {
        "attribution": {"qr": code} if isinstance(code, str) else {},
        "touch": {"kind": RESENT, "source": activity.data.get("source")},
    }
    return Fact(activity.activity_id, "submission", activity.at, _shortened(fields))


def _without_bulk(contact: dict[str, Any]) -> dict[str, Any]:
    if _size(contact.get("extra")) <= MOST_BYTES:
        return contact
    return {name: value for name, value in contact.items() if name != "extra"}


def _size(value: Any) -> int:
    return len(msgspec.json.encode(value))


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return value[:MOST_TEXT]
    if isinstance(value, dict):
        return {name: _shortened(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(inner) for inner in value]
    return value
