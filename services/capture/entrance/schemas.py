"""What is sent to the public API and what it answers, as JSON Schemas (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any, Final

_ID: Final = {"type": "string", "format": "uuid"}
ACCEPTED: Final = {
    "description": "Stored. X-Durability: replicated or spooled.",
    "headers": {"X-Durability": {"schema": {"enum": ["replicated", "spooled"]}}},
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["submission_id", "status"],
                "properties": {
                    "submission_id": _ID,
                    "status": {"const": "received"},
                },
            }
        }
    },
}
ACCEPTED_EACH: Final = {
    **ACCEPTED,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["status"],
                "properties": {
                    "submission_id": _ID,
                    "submission_ids": {"type": "array", "items": _ID},
                    "status": {"const": "received"},
                },
                "anyOf": [{"required": ["submission_id"]}, {"required": ["submission_ids"]}],
            }
        }
    },
}
_PROBLEMS: Final = {
    "400": "Unreadable",
    "401": "The proof is wrong",
    "404": "Unknown form or source",
    "409": "A request with the same key is still in work",
    "413": "Over 1 MiB",
    "415": "A type of content that is not taken",
    "422": "No way to reach the person, or a field that is not as it should be",
    "429": "Too many requests; see Retry-After",
    "503": "The spool is full; see Retry-After",
}
_TEXT: Final = {"type": ["string", "null"]}
_TEXTS: Final = {"type": ["object", "null"], "additionalProperties": _TEXT}
_FILLED: Final = {"type": "string", "pattern": "[^\\s\\u0000-\\u001f\\u007f]"}
"""A text in which something is left when control characters and spaces are taken off."""
KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
}


def _any_of(*names: str) -> list[dict[str, Any]]:
    """One of them at least, filled."""
    return [{"required": [name], "properties": {name: _FILLED}} for name in names]


_LEAD_TEXTS: Final = (
    "name",
    "first_name",
    "last_name",
    "phone",
    "email",
    "handle",
    "company",
    "message",
    "language",
    "page_url",
    "referrer",
    "visitor_id",
)
LEAD: Final = {
    "type": "object",
    "additionalProperties": True,
    "properties": {
        **dict.fromkeys(_LEAD_TEXTS, _TEXT),
        "utm": _TEXTS,
        "click_ids": _TEXTS,
        "consent": {"type": ["null", "boolean", "string", "object"]},
    },
    "anyOf": _any_of("phone", "email", "handle"),
}
ACTIVITY: Final = {
    "type": "object",
    "additionalProperties": True,
    "required": ["type"],
    "properties": {
        "type": {
            "type": "string",
            "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,31}([.][A-Za-z0-9_-]{1,31})?$",
            "examples": ["page_view", "download", "trial_start"],
        },
        "at": {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "number", "minimum": 0, "maximum": 253402300799999},
                {"type": "null"},
            ]
        },
        **dict.fromkeys(("visitor_id", "page_url", "referrer"), _TEXT),
        **dict.fromkeys(("phone", "email", "handle"), _TEXT),
        "person_id": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
        "utm": _TEXTS,
        "click_ids": _TEXTS,
        "data": {"type": ["object", "null"]},
    },
    "anyOf": _any_of("visitor_id", "phone", "email", "handle", "person_id"),
}
SEVERAL: Final = {
    "type": "object",
    "required": ["activities"],
    "properties": {
        "activities": {"type": "array", "items": ACTIVITY, "minItems": 1, "maxItems": 100}
    },
}
PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "fields": {"type": "array", "items": {"type": "string"}},
    },
}


def parameter(name: str, where: str) -> dict[str, Any]:
    """A text in the path, a query or a header."""
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "schema": {"type": "string"},
    }


def problems(*statuses: str) -> dict[str, Any]:
    """The answers that say no, by status (RFC 9457)."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _PROBLEMS[status], "content": content} for status in statuses}
