"""The public API as OpenAPI 3.1: the hot routes read raw bodies, so they are described by hand."""

from __future__ import annotations

from typing import Any, Final

from services.capture.routes.kiosk import DESCRIBED as KIOSK
from services.capture.routes.script import DESCRIBED

_ID: Final = {"type": "string", "format": "uuid"}
_ACCEPTED: Final = {
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
_ACCEPTED_EACH: Final = {
    **_ACCEPTED,
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
_KEY: Final = {
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
_LEAD: Final = {
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


def _parameter(name: str, where: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "schema": {"type": "string"},
    }


def _problems(*statuses: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _PROBLEMS[status], "content": content} for status in statuses}


_FORM: Final = {
    "post": {
        "operationId": "take_form",
        "summary": "فرم یک صفحه، با جاوااسکریپت یا بی آن",
        "description": "A form of a page, with JavaScript or without; any field names. A script is "
        "told of the thank-you page by Location.",
        "parameters": [_parameter("form", "path"), _parameter("Idempotency-Key", "header")],
        "requestBody": {
            "required": True,
            "content": {
                name: {"schema": {"type": "object"}}
                for name in (
                    "application/x-www-form-urlencoded",
                    "multipart/form-data",
                    "application/json",
                    "text/plain",
                )
            },
        },
        "responses": {
            "202": _ACCEPTED,
            "303": {"description": "For a browser: to the thank-you page"},
            **_problems("400", "404", "413", "415", "422", "429", "503"),
        },
    }
}
_LEADS: Final = {
    "post": {
        "operationId": "take_lead",
        "summary": "از سرور به سرور",
        "description": "From server to server, with a key and an Idempotency-Key.",
        "security": [{"key": []}],
        "parameters": [_KEY],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _LEAD}}},
        "responses": {
            "202": _ACCEPTED,
            **_problems("400", "401", "409", "413", "415", "422", "429", "503"),
        },
    }
}
_WEBHOOK: Final = {
    "post": {
        "operationId": "take_webhook",
        "summary": "وب‌هوک یک سکو؛ درستی آن روی بایت‌های خام سنجیده می‌شود",
        "description": "A platform's webhook; its proof is checked on the raw bytes.",
        "parameters": [_parameter("kind", "path"), _parameter("key", "path")],
        "requestBody": {"content": {"application/json": {"schema": {}}}},
        "responses": {
            "200": {"description": "Stored"},
            **_problems("401", "404", "413", "429", "503"),
        },
    }
}
_ACTIVITY: Final = {
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
_SEVERAL: Final = {
    "type": "object",
    "required": ["activities"],
    "properties": {
        "activities": {"type": "array", "items": _ACTIVITY, "minItems": 1, "maxItems": 100}
    },
}
_ACTIVITIES: Final = {
    "post": {
        "operationId": "take_activities",
        "summary": "کارهای بازدیدکننده: دیدن صفحه، دانلود، شروع نسخهٔ آزمایشی …",
        "description": "What a visitor did, one activity or up to 100, also as a beacon. Needs a "
        "visitor_id; with an API key a phone, email, handle or person_id will do.",
        "security": [{}, {"key": []}],
        "parameters": [_KEY],
        "requestBody": {
            "required": True,
            "content": {
                name: {"schema": {"anyOf": [_ACTIVITY, _SEVERAL]}}
                for name in ("application/json", "text/plain")
            },
        },
        "responses": {
            "202": _ACCEPTED_EACH,
            **_problems("400", "401", "409", "413", "415", "422", "429", "503"),
        },
    }
}
_CODE: Final = {
    "get": {
        "operationId": "follow_code",
        "summary": "کد QR: فرستادن بازدیدکننده به مقصد",
        "description": "Sends whoever scanned a code on to its target, with _sn added.",
        "parameters": [_parameter("code", "path")],
        "responses": {
            "302": {"description": "To the target"},
            "404": {"description": "A page: unknown code"},
        },
    }
}


def _drawing(media: str, shape: str) -> dict[str, Any]:
    return {
        "get": {
            "operationId": f"draw_code_{shape}",
            "summary": f"تصویر کد QR برای چاپ ({shape})",
            "description": f"The code as a drawing ({shape}), to be printed.",
            "parameters": [_parameter("code", "path")],
            "responses": {
                "200": {
                    "description": "The drawing",
                    "content": {media: {"schema": {"type": "string"}}},
                },
                "404": {"description": "A page: unknown code"},
            },
        }
    }


def _probe(summary: str, description: str, *answers: str) -> dict[str, Any]:
    responses = {status: {"description": "The answer"} for status in answers}
    return {"get": {"summary": summary, "description": description, "responses": responses}}


def document() -> dict[str, Any]:
    """The whole document."""
    problem = {
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
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sarnakh capture", "version": "1"},
        "paths": {
            "/v1/forms/{form}": _FORM,
            "/v1/leads": _LEADS,
            "/v1/activities": _ACTIVITIES,
            "/v1/webhooks/{kind}/{key}": _WEBHOOK,
            "/q/{code}": _CODE,
            "/q/{code}.svg": _drawing("image/svg+xml", "svg"),
            "/q/{code}.png": _drawing("image/png", "png"),
            "/s.js": DESCRIBED,
            "/kiosk/{form}": KIOSK,
            "/livez": _probe("زنده است؟", "Whether the process runs.", "200"),
            "/readyz": _probe("آمادهٔ پذیرش است؟", "Whether it accepts.", "200", "503"),
            "/metrics": _probe("سنجه‌ها", "Metrics, as Prometheus reads them.", "200"),
        },
        "components": {
            "schemas": {"Problem": problem},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }
