"""Webflow's forms: signed where an application made the webhook, not where the dashboard did.

https://developers.webflow.com/data/docs/working-with-webhooks
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from libs.common.configuration.schema import Source
from libs.common.normal.names import ours_of
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.proofs import by_shared_secret, is_fresh, is_signed
from services.capture.sources.questions import Question, answered
from services.capture.sources.values import canonical, id_text, mapping, object_in, of_iso, texts

_SUBMISSION: Final = "form_submission"
_BESIDE: Final = {
    "formId": "form_id",
    "name": "form_title",
    "pageId": "page_id",
    "siteId": "site_id",
    "site": "site_id",
}
"""Names of both shapes: the flat one says `site`."""
_NUMBERED: Final = re.compile(r"[\s_-]+\d{1,3}\Z")
"""What the designer adds to the name of a field that is copied: `Email 2`."""


def prove(knock: Knock, source: Source, now: float) -> bool:
    """The time in milliseconds, a colon and the body; else as for platforms that sign nothing."""
    stamp = knock.headers.get(b"x-webflow-timestamp", b"")
    given = knock.headers.get(b"x-webflow-signature", b"")
    signed = is_signed(stamp + b":" + knock.body, given, source)
    return by_shared_secret(knock, source, now) | (signed and is_fresh(stamp, now, 1000))


def parse_form(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission, in today's shape or in that of the first API, which is flat."""
    body, held = object_in(knock.body)
    trigger = body.get("triggerType", _SUBMISSION)
    if isinstance(trigger, str) and trigger != _SUBMISSION:
        return []
    payload = mapping(body.get("payload")) or body
    key, data = id_text(payload.get("id", payload.get("_id"))), payload.get("data")
    if key is None or not isinstance(data, dict):
        return [odd(knock.body)]
    arrival = Arrival(
        key,
        canonical(payload),
        extra=_beside(payload),
        held=held,
        form=id_text(payload.get("formId")),
        occurred_at=of_iso(payload.get("submittedAt", payload.get("d"))),
    )
    questions = [_question(name, value) for name, value in data.items()]
    page = texts(payload, "pageUrl", "publishedPath")
    seen = next(iter(page.values()), None)
    return [answered(arrival, questions, source, seen, whole=body)]


def _beside(payload: dict[str, Any]) -> dict[str, str]:
    said = texts(payload, *_BESIDE)
    return {_BESIDE[theirs]: text for theirs, text in said.items()}


def _question(name: str, value: Any) -> Question:
    bare = _NUMBERED.sub("", name)
    return Question((name, bare) if bare else (name,), value, ours_of(bare))


WEBFLOW: Final = Kind("webflow", prove, parse_form, has_forms=True)
