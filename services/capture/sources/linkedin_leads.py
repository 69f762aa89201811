"""What LinkedIn's API says of a lead: answers by ids of questions, whose meaning is in the form.

https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/lead-sync-schema
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from msgspec import structs

from libs.common.bodies import Unreadable, plain
from libs.common.configuration.schema import Source
from services.capture.sources import rest
from services.capture.sources.arrival import UNEXPECTED, Arrival
from services.capture.sources.fetch import (
    Content,
    Failed,
    Further,
    Item,
    Missing,
    Refused,
    Reply,
    Request,
    Result,
    Trouble,
)
from services.capture.sources.questions import Question, answered
from services.capture.sources.values import (
    alone,
    canonical,
    id_text,
    is_yes,
    mapping,
    of_milliseconds,
    texts,
)

ADDRESS: Final = "https://api.linkedin.com"
VERSION: Final = "202601"
"""YYYYMM; each is switched off about a year later, and `api_version` takes another."""
_FORM: Final = re.compile(
    r"urn:li:versionedLeadGenForm:\(urn:li:leadGenForm:([0-9]{1,32}),\s*([0-9]{1,16})\)"
)
_FORM_TRIES: Final = 2
"""For a form that is not there; then the answers are held without their meaning."""
_AT_WORK: Final = {"WORK_PHONE_NUMBER": "phone", "WORK_EMAIL": "email"}
"""Fields that LinkedIn knows and names do not tell."""


def of_urn(urn: Any) -> str | None:
    """The id at a URN's end; None for what is no URN of an id."""
    if not isinstance(urn, str) or not urn.startswith("urn:li:"):
        return None
    return id_text(urn.rpartition(":")[2])


def form_of(urn: Any) -> tuple[str | None, str | None]:
    """The form and its version; a space after the comma has been seen."""
    found = _FORM.fullmatch(urn) if isinstance(urn, str) else None
    return (found[1], found[2]) if found else (None, None)


def request(item: Item, source: Source) -> Request:
    """The answers of one lead."""
    return get(source, f"leadFormResponses/{item.key}")


def read(item: Item, source: Source, reply: Reply) -> Result | Further:
    """The lead, which is understood once its form is known; or what the error asks for."""
    wrong = trouble(reply)
    if wrong is not None:
        return wrong
    try:
        lead = rest.json_object(reply.body) or {}
    except Unreadable:
        return Failed("cut_answer")
    form, version = form_of(lead.get("versionedLeadGenFormUrn"))
    theirs = id_text(lead.get("id"))
    if form is None or theirs != item.key or not isinstance(lead.get("formResponse"), dict):
        return Content(rest.unread(item, reply))
    meaning = partial(_understood, item, source, lead, reply.body)
    asked = get(source, f"leadForms/{form}?version={version}")
    return Further(asked, meaning, f"{form},{version}")


def _understood(
    item: Item, source: Source, lead: dict[str, Any], raw: bytes, reply: Reply
) -> Result:
    wrong = trouble(reply)
    if isinstance(wrong, Missing):
        if item.missing < _FORM_TRIES:
            return Missing(f"form {wrong.code}", own=True)
        return Content(_lead(item, source, lead, {}, raw)._replace(held=UNEXPECTED))
    if wrong is not None:
        return wrong
    try:
        form = rest.json_object(reply.body)
    except Unreadable:
        return Failed("cut_form")
    arrival = _lead(item, source, lead, form or {}, raw)
    return Content(arrival if form else arrival._replace(held=UNEXPECTED))


def _lead(
    item: Item, source: Source, lead: dict[str, Any], form: dict[str, Any], raw: bytes
) -> Arrival:
    arrival = Arrival(
        item.key,
        canonical(lead),
        extra=texts(lead, "submitter"),
        test=is_yes(lead.get("testLead")),
        raw=raw,
        form=form_of(lead.get("versionedLeadGenFormUrn"))[0],
        occurred_at=of_milliseconds(lead.get("submittedAt")),
    )
    said = _said(mapping(lead["formResponse"]).get("answers"), form)
    arrival = answered(arrival, [*said, *_hidden(form)], source)
    return arrival._replace(
        extra=plain(dict(arrival.extra)),
        attribution=structs.replace(arrival.attribution, ad=_ad(lead, form)),
        consent=_consent(lead, form) or arrival.consent,
    )


def _said(answers: Any, form: dict[str, Any]) -> Iterator[Question]:
    """Each answer with the names of its question and the words of its options."""
    questions = {
        id_text(each.get("questionId")): each
        for each in _objects(mapping(form.get("content")).get("questions"))
    }
    for each in _objects(answers):
        id_ = id_text(each.get("questionId")) or "?"
        question = questions.get(id_, {})
        known = texts(question, "predefinedField", "name")
        field, words = known.get("predefinedField"), _words(question.get("question"), form)
        names = (field, words, known.get("name"), f"question {id_}", id_)
        details = mapping(each.get("answerDetails")) or mapping(each.get("accepted"))
        yield Question(
            tuple(name for name in names if name),
            _answer(details, mapping(question.get("questionDetails")), form),
            _AT_WORK.get(field or ""),
        )


def _answer(said: dict[str, Any], asked: dict[str, Any], form: dict[str, Any]) -> Any:
    chosen = mapping(said.get("multipleChoiceAnswer")).get("options")
    if not isinstance(chosen, list):
        return mapping(said.get("textQuestionAnswer")).get("answer")
    options = {
        id_text(option.get("id")): _words(option.get("text"), form)
        for option in _objects(mapping(asked.get("multipleChoiceQuestionDetails")).get("options"))
    }
    ids = filter(None, map(id_text, chosen))
    return alone([options.get(one) or one for one in ids])


def _hidden(form: dict[str, Any]) -> Iterator[Question]:
    for each in _objects(form.get("hiddenFields")):
        found = texts(each, "name", "value")
        if "name" in found:
            yield Question((found["name"],), found.get("value"))


def _consent(lead: dict[str, Any], form: dict[str, Any]) -> dict[str, bool] | None:
    """Which boxes were ticked, by the words that stood beside them."""
    legal = mapping(mapping(form.get("content")).get("legalInfo")) or mapping(form.get("legalInfo"))
    words = {
        id_text(each.get("id")): _words(each.get("consent"), form)
        for each in _objects(legal.get("consents"))
    }
    said: dict[str, bool] = {}
    for each in _objects(mapping(lead["formResponse"]).get("consentResponses")):
        id_ = id_text(each.get("consentId"))
        if id_:
            said[words.get(id_) or f"consent {id_}"] = is_yes(each.get("accepted"))
    return said or None


def _ad(lead: dict[str, Any], form: dict[str, Any]) -> dict[str, str]:
    form_id, version = form_of(lead.get("versionedLeadGenFormUrn"))
    owner = mapping(lead.get("owner"))
    about = mapping(mapping(lead.get("leadMetadata")).get("sponsoredLeadMetadata"))
    known = {
        "form_id": form_id,
        "form_version": version,
        "form_name": texts(form, "name").get("name"),
        "account_id": of_urn(owner.get("sponsoredAccount")),
        "organization_id": of_urn(owner.get("organization")),
        "campaign_id": of_urn(about.get("campaign")),
        "lead_type": texts(lead, "leadType").get("leadType"),
    }
    return {name: text for name, text in known.items() if text}


def _words(value: Any, form: dict[str, Any]) -> str:
    """A text in several languages: in the form's own, else in the first that is there."""
    if isinstance(value, str):
        return value.strip()
    written = mapping(mapping(value).get("localized"))
    own = texts(mapping(form.get("creationLocale")), "language", "country")
    first = written.get(f"{own.get('language')}_{own.get('country')}")
    found = (text for text in (first, *written.values()) if isinstance(text, str) and text.strip())
    return next(found, "").strip()


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    yield from (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def get(source: Source, path: str) -> Request:
    """A GET of the API in the version that is wanted."""
    base = (source.api_url or ADDRESS).rstrip("/")
    own = {
        "linkedin-version": source.api_version or VERSION,
        "x-restli-protocol-version": "2.0.0",
    }
    return Request(f"{base}/rest/{path}", rest.bearing(source) | own)


def trouble(reply: Reply) -> Trouble | None:
    """What went wrong, by LinkedIn's own number, which tells an expired token from a revoked one.

    A version that is switched off is everybody's trouble, until another is configured.
    """
    own = id_text(rest.error_of(reply).get("serviceErrorCode"))
    code = f"{reply.status}/{own}" if own else f"http_{reply.status}"
    if reply.status == HTTPStatus.UPGRADE_REQUIRED:
        return Refused(code, everywhere=True, said="version")
    return rest.trouble(reply, code)
