"""What is kept of an event for scoring: who, when, and the fields that rules may ask about."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from libs.common.events import Activity, SubmissionEnriched

MOST_BYTES: Final = 16 * 1024
"""An activity's free data above this is left out: rules read words, not documents."""

MOST_TEXT: Final = 4_000
"""Of a message or another field, this many characters are kept for rules."""


class Fact(msgspec.Struct, frozen=True):
    """One thing that happened to a person; the score is a fold over these and nothing else."""

    id: str
    """Submission id or activity id: the same thing told twice is one fact."""
    kind: Literal["submission", "activity", "staff"]
    at: datetime
    fields: dict[str, Any]
    """By root, as conditions name them: contact, verified, attribution, touch, activity."""


def of_submission(enriched: SubmissionEnriched) -> Fact:
    """The fact in an enriched submission: what this one brought, not what was known before."""
    touch = enriched.touch
    fields = {
        "contact": msgspec.to_builtins(enriched.contact),
        "verified": enriched.verified,
        "attribution": msgspec.to_builtins(touch.attribution),
        "touch": {"kind": touch.kind, "source": touch.source},
    }
    return Fact(enriched.submission_id, "submission", touch.at, _bounded(fields))


def of_activity(activity: Activity) -> Fact | None:
    """The fact in an activity; None for what no person did (clocks) or nobody is known for."""
    if activity.person_id is None or activity.type.startswith("timer."):
        return None
    data = activity.data if len(msgspec.json.encode(activity.data)) <= MOST_BYTES else {}
    fields = {
        "type": activity.type,
        "actor": activity.actor,
        "page": activity.page,
        "lead_id": activity.lead_id,
        "data": data,
    }
    staff = activity.type.startswith("staff.")
    kept = {name: value for name, value in fields.items() if value}
    return Fact(
        activity.activity_id,
        "staff" if staff else "activity",
        activity.at,
        {"activity": _bounded(kept)},
    )


def _bounded(value: Any) -> Any:
    if isinstance(value, str):
        return value[:MOST_TEXT]
    if isinstance(value, dict):
        return {name: _bounded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_bounded(inner) for inner in value]
    return value
