"""What a form of Meta's asks, and the words beside its boxes: a lead has their keys only.

https://developers.facebook.com/documentation/ads-commerce/marketing-api/guides/lead-ads/retrieving
A form's parts are named as in Meta's SDK (LeadgenForm, LeadGenQuestion, LeadGenLegalContent).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from libs.common.configuration.schema import Source
from services.capture.sources import graph, rest
from services.capture.sources.fetch import Reply, Request
from services.capture.sources.questions import Question
from services.capture.sources.values import canonical, mapping, texts

WHOLE: Final = "id,name,questions,legal_content{custom_disclaimer{title,body,checkboxes}}"
QUESTIONS: Final = "id,name,questions"
_MEANS: Final = {
    "PHONE": "phone",
    "WORK_PHONE_NUMBER": "phone",
    "EMAIL": "email",
    "WORK_EMAIL": "email",
}
"""By the type that Meta fills in by itself, whatever the advertiser calls the question."""
_AT_WORK: Final = {"work_phone_number": "phone", "work_email": "email"}
"""The same by Meta's own keys, which their types do not tell without the form."""
_DISCLAIMER: Final = "disclaimer"
_LARGEST_CONSENT: Final = 8000
"""Bytes; what is longer than 10,000 would be cut out as a whole later."""


class Asked(NamedTuple):
    """A question: its words, and those of its options by their keys."""

    label: str | None = None
    options: Mapping[str, str] = MappingProxyType({})
    means: str | None = None


_NOTHING: Final = Asked()


class Form(NamedTuple):
    """What is known of a form; of one that could not be read, nothing."""

    name: str | None = None
    questions: Mapping[str, Asked] = MappingProxyType({})
    boxes: Mapping[str, str] = MappingProxyType({})
    """The words beside each box, by its key."""
    terms: Mapping[str, str] = MappingProxyType({})
    """What stands above the boxes, by its title."""

    def asked(self, key: str) -> Asked:
        """The question with this key; an empty one where it is not known."""
        return self.questions.get(key, _NOTHING)


UNKNOWN: Final = Form()


def request(form: str, source: Source, fields: str = WHOLE) -> Request:
    """The form, by its id."""
    return graph.request(source, f"{form}?{urlencode({'fields': fields})}")


def form_in(reply: Reply) -> Form | None:
    """The form of a good answer; None where it is none. Raises Unreadable for one that was cut."""
    body = rest.json_object(reply.body)
    if body is None:
        return None
    disclaimer = mapping(mapping(body.get("legal_content")).get("custom_disclaimer"))
    boxes = (texts(each, "key", "text") for each in _listed(disclaimer.get("checkboxes")))
    return Form(
        texts(body, "name").get("name"),
        dict(_questions(body.get("questions"))),
        {each["key"]: each["text"] for each in boxes if len(each) > 1},
        _terms(disclaimer),
    )


def question_of(key: str, said: Any, form: Form) -> Question:
    """An answer with the question's words and the words of what was chosen."""
    asked = form.asked(key)
    names = (asked.label, key) if asked.label and asked.label != key else (key,)
    means = asked.means or _AT_WORK.get(key)
    return Question(names, spoken(key, said, form), means)


def spoken(key: str, said: Any, form: Form) -> Any:
    """The answer in the words that were chosen; what is no option stays as it is."""
    options = form.asked(key).options
    if isinstance(said, list):
        return [spoken(key, each, form) for each in said]
    return options.get(said, said) if isinstance(said, str) else said


def consent_of(boxes: Mapping[str, bool], form: Form) -> Mapping[str, Any] | None:
    """Who agreed to what: each box by the words beside it, after what stood above them.

    Too many words are left out, first those above the boxes, and never a box.
    """
    if not boxes:
        return None
    words = {form.boxes.get(key, key): is_ticked for key, is_ticked in boxes.items()}
    told = words if len(words) == len(boxes) else boxes
    for found in ({**form.terms, **told}, told):
        if len(canonical(found)) <= _LARGEST_CONSENT:
            return found
    return boxes


def _questions(listed: Any) -> Iterator[tuple[str, Asked]]:
    for each in _listed(listed):
        known = texts(each, "key", "label", "type")
        if "key" not in known:
            continue
        options = (texts(one, "key", "value") for one in _listed(each.get("options")))
        words = {one["key"]: one["value"] for one in options if len(one) > 1}
        yield known["key"], Asked(known.get("label"), words, _MEANS.get(known.get("type", "")))


def _terms(disclaimer: dict[str, Any]) -> dict[str, str]:
    """The text above the boxes, which has been seen as text and as an object with one."""
    body = disclaimer.get("body")
    known = texts({"title": disclaimer.get("title"), "text": body}, "title", "text")
    text = known.get("text") or texts(mapping(body), "text").get("text")
    return {known.get("title") or _DISCLAIMER: text} if text else {}


def _listed(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list, which has been seen bare and under `data`."""
    found = mapping(value).get("data", value)
    yield from (each for each in found if isinstance(each, dict)) if isinstance(found, list) else ()
