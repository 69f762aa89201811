"""Tally: answers with their labels; choices come as ids of options, which are looked up.

https://tally.so/help/webhooks
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.proofs import is_signed
from services.capture.sources.questions import Question, answered
from services.capture.sources.values import (
    alone,
    canonical,
    id_text,
    mapping,
    object_in,
    of_iso,
    texts,
)

_RESPONSE: Final = "FORM_RESPONSE"
_MEANS: Final = {"INPUT_EMAIL": "email", "INPUT_PHONE_NUMBER": "phone"}
_BESIDE: Final = {
    "formId": "form_id",
    "formName": "form_title",
    "respondentId": "respondent_id",
}


def prove(knock: Knock, source: Source, _now: float) -> bool:
    """Tally-Signature, by the signing secret on the raw bytes; it bears no time."""
    given = knock.headers.get(b"tally-signature", b"")
    encoded = partial(binascii.b2a_base64, newline=False)
    return is_signed(knock.body, given, source, encoded=encoded)


def parse_response(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission a response."""
    body, held = object_in(knock.body)
    event, data = body.get("eventType"), mapping(body.get("data"))
    if isinstance(event, str) and event != _RESPONSE:
        return []
    key = id_text(data.get("responseId")) or id_text(data.get("submissionId"))
    asked = data.get("fields")
    if event is None or key is None or not isinstance(asked, list):
        return [odd(knock.body)]
    fields = [mapping(each) for each in asked]
    boxed = {
        key for field in fields if field.get("options") for key in texts(field, "key").values()
    }
    arrival = Arrival(
        key,
        canonical(data),
        extra={_BESIDE[theirs]: text for theirs, text in texts(data, *_BESIDE).items()},
        held=held,
        form=id_text(data.get("formId")),
        occurred_at=of_iso(data.get("createdAt")),
    )
    questions = [_question(field) for field in fields if not _is_told_already(field, boxed)]
    return [answered(arrival, questions, source, whole=body)]


def _is_told_already(field: Mapping[str, Any], boxed: set[str]) -> bool:
    """A single box of several, which the question before it has as a list."""
    parent, _, _ = texts(dict(field), "key").get("key", "").rpartition("_")
    return isinstance(field.get("value"), bool) and parent in boxed


def _question(field: dict[str, Any]) -> Question:
    known = texts(field, "label", "key", "type")
    type_ = known.pop("type", "")
    return Question(tuple(known.values()) or (type_,), _said(field), _MEANS.get(type_))


def _said(field: dict[str, Any]) -> Any:
    """The words of what was chosen; of a grid by row; of files where they lie."""
    value = field.get("value")
    if isinstance(value, dict):
        rows, columns = _words(field.get("rows")), _words(field.get("columns"))
        return {rows.get(row, row): _chosen(of, columns) for row, of in value.items()}
    return _chosen(value, _words(field.get("options")))


def _chosen(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return alone([_chosen(each, words) for each in value])
    if isinstance(value, dict):
        return texts(value, "url").get("url", value)
    return words.get(value, value) if isinstance(value, str) else value


def _words(options: Any) -> dict[str, str]:
    """Text by id."""
    known = (
        [texts(mapping(each), "id", "text") for each in options]
        if isinstance(options, list)
        else []
    )
    return {each["id"]: each["text"] for each in known if len(each) > 1}


TALLY: Final = Kind("tally", prove, parse_response, has_forms=True, is_signed=True)
