"""Google Forms, by our own script in the form (docs/sources/google-forms.md), which signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.questions import Question, answered
from services.capture.sources.standard import prove
from services.capture.sources.values import (
    alone,
    canonical,
    is_yes,
    mapping,
    object_in,
    of_iso,
    texts,
)

_SUBMITTED: Final = "form.submitted"
_LONGEST: Final = 512


def parse_response(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission a response; one that was edited, or a trigger fired twice, has its key."""
    body, held = object_in(knock.body)
    type_, data = body.get("type"), mapping(body.get("data"))
    if isinstance(type_, str) and type_ != _SUBMITTED:
        return []
    known, answers = texts(data, "form_id", "response_id"), data.get("answers")
    key = "_".join(known.values())
    if type_ is None or len(known) < len(("form", "response")) or not isinstance(answers, dict):
        return [odd(knock.body)]
    if len(key) > _LONGEST:
        return [odd(knock.body)]
    arrival = Arrival(
        key,
        canonical(data),
        extra=texts(data, "form_id", "form_title"),
        held=held,
        test=is_yes(data.get("test")),
        form=known["form_id"],
        occurred_at=of_iso(body.get("timestamp")),
    )
    questions = [Question((title,), _said(answer)) for title, answer in answers.items()]
    questions.append(Question(("respondent_email",), data.get("respondent_email"), "email"))
    page = texts(data, "page_url").get("page_url")
    return [answered(arrival, questions, source, page, whole=body)]


def _said(answer: Any) -> Any:
    """What was written, and what was chosen of several; a grid as it is."""
    if not isinstance(answer, list) or not all(isinstance(each, str) for each in answer):
        return answer
    return alone([each for each in answer if each])


GOOGLE_FORMS: Final = Kind("google-forms", prove, parse_response, has_forms=True, is_signed=True)
