"""`GET /kiosk/{form}`: a form on a tablet at a booth, where many people use one browser.

No cookie, no visitor, nothing filled in by the browser: three people are three leads. What
cannot be sent is kept by the page script and goes once there is a connection.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode

from libs.common.configuration.codes import KIOSK
from libs.common.configuration.schema import Qr
from libs.common.events import Text
from services.capture.calls.call import Answer, Call
from services.capture.calls.problems import Problem
from services.capture.door.directory import Place
from services.capture.door.door import Door
from services.capture.pages import Field, Pages
from services.capture.pages.asking import LABELS, origin_of
from services.capture.reading.kiosk import BESIDE
from services.capture.reading.scan import campaigned, is_messenger

ASKED: Final = ("name", "phone", "email", "message")
_KINDS: Final = {"phone": "tel", "email": "email"}
_WORDS: Final = {
    "title": Text(
        "شماره‌تان را بگذارید؛ با شما تماس می‌گیریم", "Leave your number; we will call you"
    ),
    "send": Text("فرستادن", "Send"),
    "thanks": Text("سپاس، رسید.", "Thank you, we have it."),
    "soon": Text("به‌زودی با شما تماس می‌گیریم.", "We will be in touch soon."),
    "next": Text("نفر بعد", "Next person"),
    "lacking": Text(
        "لطفاً شمارهٔ تلفن یا ایمیل و دیگر بخش‌های لازم را پر کنید.",
        "Please fill in a phone number or an e-mail, and all that is needed.",
    ),
    "refused": Text(
        "الان نشد؛ لطفاً کمی بعد دوباره بفرستید.",
        "That did not work; please send it again in a moment.",
    ),
}

DESCRIBED: Final[dict[str, Any]] = {
    "get": {
        "operationId": "kiosk",
        "summary": "فرم روی تبلت غرفه",
        "description": "A form that fills the screen of a tablet at a booth.",
        "parameters": [
            {"name": "form", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "code", "in": "query", "schema": {"type": "string"}},
            {"name": "lang", "in": "query", "schema": {"type": "string", "enum": ["fa", "en"]}},
        ],
        "responses": {
            "200": {
                "description": "The page",
                "content": {"text/html": {"schema": {"type": "string"}}},
            },
            "404": {"description": "Unknown form or code"},
        },
    }
}
"""For the OpenAPI document."""


class Kiosk:
    """The page and its script."""

    def __init__(self, door: Door, pages: Pages) -> None:
        self._door = door
        self._pages = pages
        self._script = pages.kiosk_script()

    def script(self) -> Answer:
        """What resets the page between two people."""
        headers = ((b"cache-control", b"public, max-age=300"),)
        return Answer(200, self._script, b"text/javascript; charset=utf-8", headers)

    def page(self, call: Call, key: str) -> Answer:
        """The form, of a code (`?code=`) where it stands beside one. Raises Problem(404)."""
        directory = self._door.directory()
        asked = parse_qs(call.scope.get("query_string", b"")[:2048].decode("latin-1"))
        place = directory.forms.get(key)
        named = asked.get("code", [""])[0]
        code = directory.qr.get(named)
        if place is None or (named and code is None):
            raise Problem(404)
        chosen = asked.get("lang", [""])[0]
        language = chosen if chosen in {"fa", "en"} else self._door.language(call)
        other = {"lang": "en" if language == "fa" else "fa"} | ({"code": named} if named else {})
        words = {
            "organisation": directory.content.organisation.name,
            "label": code.label if code else None,
            "language": language,
            "other": f"/kiosk/{quote(key)}?{urlencode(other)}",
            "action": f"/v1/forms/{quote(key)}",
            "fields": fields_of(place),
            "hidden": hidden_of(place, code),
            "words": {name: text.of(language) for name, text in _WORDS.items()},
        }
        return self._pages.kiosk(words, origin_of(place.form.thank_you))


def fields_of(place: Place) -> list[Field]:
    """What is asked: how to reach somebody, what they want, and what the form cannot do without."""
    required = () if isinstance(place.form.required, str) else place.form.required
    more = (name for name in required if name not in ASKED)
    return [
        Field(
            LABELS.get(ours, Text(ours, ours)),
            place.form.fields.get(ours, ours),
            "",
            ours in required,
            ours == "message",
            _KINDS.get(ours, "text"),
        )
        for ours in (*ASKED, *more)
    ]


def hidden_of(place: Place, code: Qr | None) -> list[tuple[str, str]]:
    """Where it stands: the page of the code beside it, else the form's own."""
    page = place.form.page if code is None or is_messenger(code.target) else code.target
    said = {"page_url": page if page is None or "://" in page else f"https://{page}"}
    if code:
        said |= campaigned(code) | {"utm_medium": KIOSK, BESIDE: code.code}
    return [(name, value) for name, value in said.items() if value]
