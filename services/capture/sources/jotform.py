"""Jotform's webhook: a form whose part `rawRequest` holds the answers as JSON.

https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/
An answer's name is `q<number>_<unique name>`; the number differs from form to form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from libs.common.configuration.schema import Source
from services.capture.bodies import Unreadable, parse
from services.capture.names import text_of
from services.capture.sources.contract import Arrival, Kind, Knock, odd
from services.capture.sources.posted import read_form, submission
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.values import id_text, mapping

_ASKED: Final = re.compile(r"q\d{1,9}_(.+)", re.DOTALL)
_BLANK: Final = b"***"
_ANSWERS: Final = "rawRequest"
_SAME: Final = "pretty"
"""The answers once more, to be read."""
_OURS: Final = "webhookURL"
"""The address that was called, with the secret in it."""
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
    form = read_form(knock)
    raw = blanked(knock.body, source)
    if form is None:
        return [odd(raw, raw)]
    outer = {name: value for name, value in form.values.items() if name not in (_OURS, _ANSWERS)}
    answers, flags = _answers(form.values.get(_ANSWERS))
    if answers:
        outer.pop(_SAME, None)
    named = {_name(theirs): value for theirs, value in answers.items() if theirs not in _MACHINERY}
    person, phone = _shaped(named)
    values = {n: v for n, v in outer.items() if n not in _MACHINERY} | named | person
    whole = form._replace(values=values, flags=form.flags | flags)
    arrival = submission(whole, source, {"phone": phone} if phone else {})
    key, of_form = id_text(outer.get("submissionID")), id_text(outer.get("formID"))
    return [arrival._replace(key=key or arrival.key, form=of_form, raw=raw)]


def blanked(raw: bytes, source: Source) -> bytes:
    """The body without the secret that is in the address, however it is written there."""
    for secret in source.secret or ():
        for text in {secret, quote(secret), quote(secret, safe="")} - {""}:
            for slash in ("/", "%2F", "%2f", "\\/"):
                raw = raw.replace(f"{slash}{text}".encode(), slash.encode() + _BLANK)
    return raw


def _answers(value: Any) -> tuple[dict[str, Any], frozenset[str]]:
    try:
        answers, flags = parse(text_of(value).encode(errors="replace"))
    except Unreadable:
        return {}, frozenset()
    return mapping(answers), flags


def _name(theirs: str) -> str:
    asked = _ASKED.fullmatch(theirs)
    return asked[1] if asked else theirs


def _shaped(named: dict[str, Any]) -> tuple[dict[str, str], str | None]:
    """Take the person's name out of its parts, and make texts of phones.

    Gives the name, and the first phone by its answer's name: Persian labels make `input4` of it.
    """
    person: dict[str, str] = {}
    phone = None
    for name, answer in list(named.items()):
        if not isinstance(answer, dict):
            continue
        parts = {part: text for part, value in answer.items() if (text := text_of(value))}
        if not person and not parts.keys().isdisjoint(("first", "last")):
            given = (parts.get("first"), parts.get("middle"))
            person = {
                "first_name": " ".join(filter(None, given)),
                "last_name": parts.get("last", ""),
            }
            del named[name]
        elif "full" in parts or "phone" in parts:
            country = f"+{code.lstrip('+')}" if (code := parts.get("country")) else ""
            split = (country, parts.get("area"), parts.get("phone"))
            named[name] = parts.get("full") or " ".join(filter(None, split))
            phone = phone or name
        elif all(isinstance(value, str) for value in answer.values()):
            named[name] = parts
    return {ours: text for ours, text in person.items() if text}, phone


JOTFORM: Final = Kind("jotform", by_shared_secret, parse_submission, has_forms=True)
