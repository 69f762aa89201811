"""The public API as OpenAPI 3.1: the hot routes read raw bodies, so they are described by hand."""

from __future__ import annotations

from typing import Any, Final

from services.capture.entrance.schemas import (
    ACCEPTED,
    ACCEPTED_EACH,
    ACTIVITY,
    KEY,
    LEAD,
    PROBLEM,
    SEVERAL,
    parameter,
    problems,
)
from services.capture.routes.kiosk import DESCRIBED as KIOSK
from services.capture.routes.script import DESCRIBED

_FORM: Final = {
    "post": {
        "operationId": "take_form",
        "summary": "فرم یک صفحه، با جاوااسکریپت یا بی آن",
        "description": "A form of a page, with JavaScript or without; any field names. A script is "
        "told of the thank-you page by Location.",
        "parameters": [parameter("form", "path"), parameter("Idempotency-Key", "header")],
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
            "202": ACCEPTED,
            "303": {"description": "For a browser: to the thank-you page"},
            **problems("400", "404", "413", "415", "422", "429", "503"),
        },
    }
}
_LEADS: Final = {
    "post": {
        "operationId": "take_lead",
        "summary": "از سرور به سرور",
        "description": "From server to server, with a key and an Idempotency-Key.",
        "security": [{"key": []}],
        "parameters": [KEY],
        "requestBody": {"required": True, "content": {"application/json": {"schema": LEAD}}},
        "responses": {
            "202": ACCEPTED,
            **problems("400", "401", "409", "413", "415", "422", "429", "503"),
        },
    }
}
_WEBHOOK: Final = {
    "post": {
        "operationId": "take_webhook",
        "summary": "وب‌هوک یک سکو؛ درستی آن روی بایت‌های خام سنجیده می‌شود",
        "description": "A platform's webhook; its proof is checked on the raw bytes.",
        "parameters": [parameter("kind", "path"), parameter("key", "path")],
        "requestBody": {"content": {"application/json": {"schema": {}}}},
        "responses": {
            "200": {"description": "Stored"},
            **problems("401", "404", "413", "429", "503"),
        },
    }
}
_ACTIVITIES: Final = {
    "post": {
        "operationId": "take_activities",
        "summary": "کارهای بازدیدکننده: دیدن صفحه، دانلود، شروع نسخهٔ آزمایشی …",
        "description": "What a visitor did, one activity or up to 100, also as a beacon. Needs a "
        "visitor_id; with an API key a phone, email, handle or person_id will do.",
        "security": [{}, {"key": []}],
        "parameters": [KEY],
        "requestBody": {
            "required": True,
            "content": {
                name: {"schema": {"anyOf": [ACTIVITY, SEVERAL]}}
                for name in ("application/json", "text/plain")
            },
        },
        "responses": {
            "202": ACCEPTED_EACH,
            **problems("400", "401", "409", "413", "415", "422", "429", "503"),
        },
    }
}
_CODE: Final = {
    "get": {
        "operationId": "follow_code",
        "summary": "کد QR: فرستادن بازدیدکننده به مقصد",
        "description": "Sends whoever scanned a code on to its target, with _sn added.",
        "parameters": [parameter("code", "path")],
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
            "parameters": [parameter("code", "path")],
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
            "schemas": {"Problem": PROBLEM},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }
