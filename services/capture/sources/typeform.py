"""Typeform: a response with its answers; questions are told by their titles and refs.

https://www.typeform.com/developers/webhooks/secure-your-webhooks/ and example-payload/
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.sources.contract import Arrival, Kind, Knock, odd
from services.capture.sources.proofs import is_signed
from services.capture.sources.questions import CONSENT, Question, answered
from services.capture.sources.values import (
    alone,
    canonical,
    id_text,
    mapping,
    object_in,
    of_iso,
    texts,
)

_SIGNED: Final = b"sha256="
_WHOLE: Final = "form_response"
_PARTIAL: Final = "form_response_partial"
_EXAMPLE: Final = "an_account@example.com"
"""The address in the answers of Typeform's own example and test request."""
_MEANS: Final = {"email": "email", "phone_number": "phone"}


def prove(knock: Knock, source: Source, _now: float) -> bool:
    """Typeform-Signature, by the webhook's secret on the raw bytes; it bears no time."""
    given = knock.headers.get(b"typeform-signature", b"")
    if not given.startswith(_SIGNED):
        return False
    encoded = partial(binascii.b2a_base64, newline=False)
    return is_signed(knock.body, given.removeprefix(_SIGNED), source, encoded=encoded)


def parse_response(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission a response; one that was left in the middle is one of its own."""
    body, held = object_in(knock.body)
    event, response = body.get("event_type"), mapping(body.get("form_response"))
    if isinstance(event, str) and event not in (_WHOLE, _PARTIAL):
        return []
    token, answers = id_text(response.get("token")), response.get("answers") or []
    if event is None or token is None or not isinstance(answers, list):
        return [odd(knock.body)]
    definition = mapping(response.get("definition"))
    titles = dict(_titles(definition.get("fields")))
    questions = [_question(mapping(each), titles) for each in answers]
    hidden = [Question((name,), text) for name, text in mapping(response.get("hidden")).items()]
    arrival = Arrival(
        f"{token}:partial" if event == _PARTIAL else token,
        canonical(response),
        extra=_beside(response, definition) | ({"partial": True} if event == _PARTIAL else {}),
        held=held,
        test=any(question.answer == _EXAMPLE for question in questions),
        form=id_text(response.get("form_id")),
        occurred_at=of_iso(response.get("submitted_at")),
    )
    return [answered(arrival, [*questions, *hidden], source, whole=body)]


def _titles(fields: Any) -> Iterator[tuple[str, str]]:
    """Each question's title by its id, also of those inside groups and contact blocks."""
    for field in fields if isinstance(fields, list) else ():
        known = texts(mapping(field), "id", "title")
        if len(known) > 1:
            yield known["id"], known["title"]
        yield from _titles(mapping(mapping(field).get("properties")).get("fields"))


def _question(answer: dict[str, Any], titles: dict[str, str]) -> Question:
    field = mapping(answer.get("field"))
    known = texts(field, "id", "ref")
    title = titles.get(known.get("id", ""))
    names = tuple(name for name in (title, known.get("ref"), known.get("id")) if name)
    type_ = texts(answer, "type").get("type", "")
    means = CONSENT if field.get("type") == "legal" else _MEANS.get(type_)
    return Question(names or (type_ or "answer",), _said(answer.get(type_)), means)


def _said(value: Any) -> Any:
    """The labels that were chosen, and what was written beside them; other values as they are."""
    if not isinstance(value, dict):
        return value
    labels = value.get("labels")
    chosen = labels if isinstance(labels, list) else [*texts(value, "label").values()]
    chosen = [*chosen, *texts(value, "other").values()]
    return alone(chosen) if chosen else value


def _beside(response: dict[str, Any], definition: dict[str, Any]) -> dict[str, Any]:
    """What is known beside the answers: the score, variables, and which ending was seen."""
    ending = mapping(response.get("ending"))
    found: dict[str, Any] = texts(
        {**response, "form_title": definition.get("title"), "ending": ending.get("ref")},
        "landed_at",
        "form_title",
        "ending",
    )
    variables = response.get("variables")
    calculated = mapping(response.get("calculated"))
    if "score" in calculated:
        found["score"] = calculated["score"]
    for each in variables if isinstance(variables, list) else ():
        said = texts(mapping(each), "key", "type")
        if len(said) > 1:
            found[said["key"]] = each.get(said["type"])
    return found


TYPEFORM: Final = Kind("typeform", prove, parse_response, has_forms=True, is_signed=True)
