"""A Lead Sync API that behaves badly on demand: leads, and the forms that say what they mean."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.doubles.graph import SECRET, Graph

FORM = "8156204"
CLIENT = "86abc"
QUESTIONS = ("FIRST_NAME", "LAST_NAME", "PHONE_NUMBER", None)


def lead(item: str) -> dict[str, Any]:
    """What is behind an id: answers by the ids of questions only."""
    digits = "".join(filter(str.isdecimal, item))[-7:].zfill(7)
    said = ("نیلوفر", digits, f"+98912{digits}", "سئو")
    answers = [
        {"questionId": n, "answerDetails": {"textQuestionAnswer": {"answer": text}}}
        for n, text in enumerate(said, 1)
    ]
    return {
        "id": item,
        "versionedLeadGenFormUrn": f"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:{FORM},1)",
        "submittedAt": 1795255197500,
        "testLead": False,
        "formResponse": {"answers": answers},
    }


def form(item: str) -> dict[str, Any]:
    """What the questions are."""
    words = {"localized": {"fa_IR": "کدام خدمت؟"}}
    questions = [
        {"questionId": n, "question": words, **({"predefinedField": known} if known else {})}
        for n, known in enumerate(QUESTIONS, 1)
    ]
    hidden = [{"name": "utm_source", "value": "linkedin"}]
    content = {"questions": questions}
    return {"id": int(item), "name": "پاییز", "hiddenFields": hidden, "content": content}


class LinkedIn(Graph):
    """Answers by `mood`, also of the form's id; versions that are not in use get 426.

    A form is given out under the version that the leads are of, and no other.
    """

    def __init__(self) -> None:
        super().__init__()
        self.versions = {"202601"}
        self.retry_after = ""

    def _named(self, call: BaseHTTPRequestHandler, form: dict[str, str]) -> str | None:
        is_app = (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        return form["token"] if is_app and call.path == "/oauth/v2/introspectToken" else None

    def _end(self, at: int) -> Any:
        return {"active": True, "status": "active", "client_id": CLIENT, "expires_at": at}

    def whole(self, item: str) -> bytes:
        return self.leads.get(item) or json.dumps((form if item == FORM else lead)(item)).encode()

    def _well(self, call: BaseHTTPRequestHandler, item: str) -> None:
        if call.headers.get("LinkedIn-Version") not in self.versions:
            self._err(call, 426, code="NONEXISTENT_VERSION")
        elif call.headers.get("X-Restli-Protocol-Version") != "2.0.0":
            self._err(call, 400)
        elif item == FORM and "version=1" not in call.path.partition("?")[2].split("&"):
            self._err(call, 404)
        else:
            super()._well(call, item)

    def _throttles(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        more = {"Retry-After": self.retry_after} if self.retry_after else {}
        self._say(call, 429, json.dumps({"status": 429, "serviceErrorCode": 101}).encode(), more)

    def _bad_token(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._err(call, 401, serviceErrorCode=65602)

    def _forbids(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._err(call, 403, serviceErrorCode=100)

    def _misses(self, call: BaseHTTPRequestHandler, _item: str) -> None:
        self._err(call, 404)

    def _err(self, call: BaseHTTPRequestHandler, status: int, **more: Any) -> None:
        self._say(call, status, json.dumps({"status": status, "message": "m", **more}).encode())
