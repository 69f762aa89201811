"""The read model's rows in the shapes of the API (contract, section 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Row = Mapping[str, Any]


def moment(value: datetime | str | None) -> str | None:
    """RFC 3339 in UTC."""
    if value is None:
        return None
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if at.tzinfo is None:  # how an infinity of Postgres is read, which the year 1 is kept as
        at = at.replace(tzinfo=UTC)
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def identity(value: Any) -> str | None:
    """An id as text."""
    return None if value is None else str(value)


def sentence(text: Row | None, language: str) -> str | None:
    """A text of an event in one language."""
    return str(text["fa" if language == "fa" else "en"]) if text else None


_CONTACT = (
    "name",
    "phone",
    "phone_typed",
    "phone_type",
    "email",
    "email_typed",
    "handle",
    "company",
    "message",
    "language",
    "consent",
)


def contact(found: Row) -> dict[str, Any]:
    """Every way to reach somebody, with null for what is not known."""
    return {**{name: found.get(name) for name in _CONTACT}, "extra": found.get("extra", {})}


def attribution(found: Row) -> dict[str, Any]:
    """Where a touch came from."""
    return {
        "page": found.get("page"),
        "page_url": found.get("page_url"),
        "referrer": found.get("referrer"),
        "utm": found.get("utm", {}),
        "click_ids": found.get("click_ids", {}),
        "qr": found.get("qr"),
        "ad": found.get("ad", {}),
        "visitor_id": found.get("visitor_id"),
    }


def _first_and_last(lead: Row | None) -> dict[str, Any]:
    if not lead:
        return {"first": None, "last": None}
    return {
        name: {**attribution(touch.get("attribution", {})), "at": moment(touch["at"])}
        for name, touch in (("first", lead["first_touch"]), ("last", lead["last_touch"]))
    }


def timeline(lines: Sequence[Row], language: str) -> list[dict[str, Any]]:
    """A story, newest first."""
    return [
        {
            "at": moment(line["at"]),
            "kind": line["kind"],
            "text": line["text_fa" if language == "fa" else "text_en"],
            "actor": line["actor"],
            "data": line["data"],
        }
        for line in lines
    ]


def submission(row: Row, lines: Sequence[Row], language: str) -> dict[str, Any]:
    """One submission."""
    return {
        "id": str(row["id"]),
        "state": row["state"],
        "reason": row["reason"],
        "source": row["source"],
        "kind": row["kind"],
        "received_at": moment(row["received_at"]),
        "occurred_at": moment(row["occurred_at"]),
        "lead_id": identity(row["lead_id"]),
        "person_id": identity(row["person_id"]),
        "contact": contact(row["contact"]),
        "attribution": {**attribution(row["attribution"]), **_first_and_last(row["lead"])},
        "timeline": timeline(lines, language),
    }


def score(found: Row, language: str) -> dict[str, Any]:
    """How ready, with every reason."""
    return {
        "total": found["total"],
        "fit": found["fit"],
        "engagement": found["engagement"],
        "version": found["version"],
        "as_of": moment(found.get("as_of")),
        "changes_at": moment(found.get("changes_at")),
        "reasons": [
            {
                "rule": reason["rule"],
                "group": reason["group"],
                "points": reason["points"],
                "earned": _earned(reason),
                "text": sentence(reason["text"], language),
                "at": moment(reason["at"]),
            }
            for reason in found["reasons"]
        ],
    }


def _earned(reason: Row) -> int:
    """Its points before they faded."""
    parts = reason.get("parts", ()) if reason.get("fade") else ()
    return sum(part["points"] for part in parts) if parts else int(reason["points"])


def assignment(found: Row | None, language: str) -> dict[str, Any] | None:
    """Whose the lead is, why, and who was passed over."""
    if not found:
        return None
    return {
        "id": found["id"],
        "team": found["team"],
        "specialist": found["specialist"],
        "rule": found["rule"],
        "why": sentence(found["why"], language),
        "skipped": [
            {"specialist": one["specialist"], "reason": sentence(one["reason"], language)}
            for one in found["skipped"]
        ],
        "config_version": found["config_version"],
        "at": moment(found["at"]),
    }


_MOMENTS = (
    "opened_at",
    "changed_at",
    "accepted_at",
    "contacted_at",
    "snoozed_until",
    "closed_at",
    "erased_at",
)


def lead(row: Row, language: str) -> dict[str, Any]:
    """A lead as it stands in a list."""
    body = row["body"]
    given = assignment(body.get("assignment"), language)
    return {
        "id": str(row["id"]),
        "person_id": body["person_id"],
        "version": body["version"],
        "state": body["state"],
        "stage": body["stage"],
        "temperature": body["temperature"],
        "owner": given and given["specialist"],
        "team": given and given["team"],
        "page": body["page"],
        "source": body["source"],
        "contact": {**contact(body["contact"]), "message": row["want"] or _said(body)},
        "score": score(body["score"], language),
        "assignment": given,
        "touch_count": body["touch_count"],
        "waiting": waiting(body.get("waiting"), language),
        "deadline": deadline(body.get("deadline")),
        "amount": body.get("amount"),
        "lost_reason": body.get("lost_reason"),
        **{name: moment(body.get(name)) for name in _MOMENTS},
    }


def waiting(found: Row | None, language: str) -> dict[str, Any] | None:
    """Why nobody has the lead yet."""
    if not found:
        return None
    return {
        "reason": found["reason"],
        "team": found["team"],
        "why": sentence(found["why"], language),
        "since": moment(found["since"]),
        "until": moment(found.get("until")),
    }


_OF_DEADLINE = ("since", "half_at", "last_fifth_at", "due_at")


def deadline(found: Row | None) -> dict[str, Any] | None:
    """Until when it is to be accepted."""
    return {name: moment(found[name]) for name in _OF_DEADLINE} if found else None


def pending(row: Row) -> dict[str, Any]:
    """What is about to be done, and until when it can be undone."""
    return {
        "activity_id": str(row["activity_id"]),
        "lead_id": identity(row["lead_id"]),
        "action": row["action"],
        "actor": row["actor"],
        "name": row["name"],
        "due_at": moment(row["due_at"]),
    }


def _said(body: Row) -> str | None:
    message: str | None = body["contact"].get("message")
    return message


def whole_lead(
    row: Row, touches: Sequence[Row], messages: Sequence[Row], lines: Sequence[Row], language: str
) -> dict[str, Any]:
    """A lead with all that is known of it."""
    body = row["body"]
    shown = lead(row, language)
    last = body["last_touch"].get("attribution", {})
    return {
        **shown,
        "person": {"id": body["person_id"], **contact(body["contact"])},
        "attribution": {**attribution(last), **_first_and_last(body)},
        "touches": [
            {
                "submission_id": str(touch["submission_id"]),
                "kind": touch["kind"],
                "source": touch["source"],
                "page": touch["page"],
                "at": moment(touch["at"]),
            }
            for touch in touches
        ],
        "notifications": [
            {
                "id": message["id"],
                "kind": message["kind"],
                "channel": message["channel"],
                "specialist": message["specialist"],
                "state": message["state"],
                "at": moment(message["at"]),
                "attempts": message["attempts"],
                "error": message["error"],
            }
            for message in messages
        ],
        "timeline": timeline(lines, language),
    }


def held(row: Row) -> dict[str, Any]:
    """One that waits for review."""
    return {
        "id": str(row["id"]),
        "submission_id": str(row["submission_id"]),
        "reason": row["reason"],
        "source": row["source"],
        "received_at": moment(row["received_at"]),
        "occurred_at": moment(row["occurred_at"]),
        "raw_size": row["raw_size"],
    }


def letter(row: Row) -> dict[str, Any]:
    """A dead letter without its bytes."""
    return {
        "id": str(row["id"]),
        "submission_id": identity(row["submission_id"]),
        "stage": row["stage"],
        "reason": row["reason"],
        "detail": row["detail"],
        "topic": row["topic"],
        "key": row["key"],
        "round": row["round"],
        "state": row["state"],
        "at": moment(row["at"]),
    }
