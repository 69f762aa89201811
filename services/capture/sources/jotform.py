"""Jotform's webhook: a form whose part `rawRequest` holds the answers as JSON.

https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/
An answer's name is `q<number>_<unique name>`; the number differs from form to form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote, quote_plus

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from libs.common.normal.names import text_of
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.posted import read_form, submission
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.questions import Question
from services.capture.sources.values import id_text, mapping

_ASKED: Final = re.compile(r"q\d{1,9}_(.+)", re.DOTALL)
_ESCAPE: Final = re.compile("%[0-9A-F]{2}")
_BLANK: Final = b"***"
_ANSWERS: Final = "rawRequest"
_SAME: Final = "pretty"
"""The answers once more, to be read."""
_OURS: Final = "webhookURL"
"""The address that was called, with the secret in it."""
_EMPTY: Final = ("", None)
_MACHINERY: Final = frozenset(
    {
        "slug", "jsExecutionTracker", "submitSource", "submitDate", "buildDate", "uploadServerUrl",
        "eventObserver", "event_id", "timeToSubmit", "validatedNewRequiredFieldIDs", "path",
        "simple_spc", "action",
    }
)  # fmt: skip
"""Of the form's script, beside the answers."""


def parse_submission(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission; a later edit of it has the same key and other content."""
    raw = blanked(knock.body, source)
    form = read_form(knock._replace(body=raw))
    if form is None:
        return [odd(raw, raw)]
    outer = {name: value for name, value in form.values.items() if name not in (_OURS, _ANSWERS)}
    answers, flags = _answers(form.values.get(_ANSWERS))
    if answers:
        outer.pop(_SAME, None)
    said = {n: v for n, v in {**outer, **answers}.items() if n not in _MACHINERY}
    questions = [each for name, value in said.items() for each in _questions(name, value)]
    whole = form._replace(values=said, flags=form.flags | flags)
    arrival = submission(whole, source, questions)
    key, of_form = id_text(outer.get("submissionID")), id_text(outer.get("formID"))
    if not key and not arrival.fields:
        key = odd(arrival.content).key
    return [arrival._replace(key=key, form=of_form, raw=raw)]


def blanked(raw: bytes, source: Source) -> bytes:
    """The body without the secret that is in the address, however it is written there."""
    for secret in source.secret or ():
        plain = {secret, quote(secret), quote(secret, safe="")} - {""}
        texts = {*plain, *(quote(t, safe="") for t in plain), *(quote_plus(t) for t in plain)}
        for text in texts | {_ESCAPE.sub(lambda found: found[0].lower(), t) for t in texts}:
            for slash in ("/", "%2F", "%2f"):
                raw = raw.replace(f"{slash}{text}".encode(), slash.encode() + _BLANK)
    return raw


def _answers(value: Any) -> tuple[dict[str, Any], frozenset[str]]:
    try:
        answers, flags = parse(text_of(value).encode(errors="replace"))
    except Unreadable:
        return {}, frozenset()
    return mapping(answers), flags


def _questions(theirs: str, answer: Any) -> Iterator[Question]:
    """An answer as one question; a name and a phone by their parts, whatever they are called."""
    asked = _ASKED.fullmatch(theirs)
    names = (asked[1], theirs) if asked else (theirs,)
    if not isinstance(answer, dict):
        yield Question(names, answer)
        return
    parts = {part: text for part, value in answer.items() if (text := text_of(value))}
    if "first" in parts or "last" in parts:
        given = " ".join(filter(None, (parts.get("first"), parts.get("middle"))))
        yield Question(("first_name", f"{names[0]} first"), given)
        yield Question(("last_name", f"{names[0]} last"), parts.get("last"))
    elif "full" in parts or "phone" in parts:
        yield Question(names, parts.get("full") or _dialled(parts), "phone")
    else:
        kept = {part: value for part, value in answer.items() if value not in _EMPTY}
        yield Question(names, kept)


def _dialled(parts: dict[str, str]) -> str:
    code = parts.get("country", "").lstrip("+")
    split = (code and f"+{code}", parts.get("area"), parts.get("phone"))
    return " ".join(filter(None, split))


JOTFORM: Final = Kind("jotform", by_shared_secret, parse_submission, has_forms=True)
