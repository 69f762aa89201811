"""What the Graph API says of a lead: answers by keys, whose words are in the form.

https://developers.facebook.com/documentation/ads-commerce/marketing-api/guides/lead-ads/retrieving
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from msgspec import structs

from libs.common.bodies import Unreadable, parse, plain
from libs.common.configuration.schema import Source
from services.capture.sources import graph, meta_forms, rest
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import (
    Content,
    Explained,
    Failed,
    Further,
    Item,
    Missing,
    Refused,
    Reply,
    Request,
    Result,
    Throttled,
    Trouble,
)
from services.capture.sources.meta_forms import UNKNOWN, Form
from services.capture.sources.questions import answered
from services.capture.sources.values import canonical, id_text, mapping, of_iso, texts

DASHBOARD_TEST: Final = "444444444444"
"""What the dashboard's Test button sends as the lead's id; nothing can be fetched for it."""
KEYS: Final = "_keys"
"""Answers and boxes as Meta sent them, of those that are shown in the form's words."""
_DUMMY: Final = re.compile(r"<\s*test lead:", re.IGNORECASE)
_ASKED: Final = (
    "id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,"
    "field_data,custom_disclaimer_responses,is_organic,platform,partner_name,retailer_item_id"
)
_AD: Final = (
    "ad_id", "ad_name", "adset_id", "adset_name", "campaign_id", "campaign_name", "form_id",
    "platform",
)  # fmt: skip
_OTHERS: Final = ("partner_name", "retailer_item_id")
_WRONG_PARAMETER: Final = "100"
_FORM_TRIES: Final = 1
"""More than the first, for a form that is in trouble for now; a lead waits for no words longer."""
Telling = Callable[[Form], Arrival]
"""The lead as it is, in the words of a form."""


def request(item: Item, source: Source) -> Request:
    """The lead with all that Meta knows of it."""
    return graph.request(source, f"{item.key}?fields={_ASKED}")


def read(item: Item, source: Source, reply: Reply) -> Result | Explained:
    """The lead, which is shown in its form's words where those can be had; or what went wrong."""
    wrong = graph.trouble(reply)
    if wrong is not None:
        return wrong
    try:
        lead, flags = parse(reply.body)
    except Unreadable:
        return Failed("cut_answer")
    if not isinstance(lead, dict) or "duplicate_keys" in flags:
        return Content(rest.unread(item, reply))
    if id_text(lead.get("id")) != item.key or not isinstance(lead.get("field_data"), list):
        return Content(rest.unread(item, reply))
    told = partial(_lead, item, source, lead, reply.body)
    form = id_text(lead.get("form_id"))
    if form is None:
        return Content(told(UNKNOWN))
    fewer = Further(
        meta_forms.request(form, source, meta_forms.QUESTIONS),
        partial(_explained, told, None),
        f"{form} questions",
    )
    whole = Further(meta_forms.request(form, source), partial(_explained, told, fewer), form)
    return Explained(whole, partial(_unexplained, item, told))


def _explained(told: Telling, fewer: Further | None, reply: Reply) -> Result | Further:
    """The lead in the words of its form; a form without legal content is asked for less."""
    wrong = graph.trouble(reply)
    if fewer and isinstance(wrong, Missing) and wrong.code == _WRONG_PARAMETER:
        return fewer
    if isinstance(wrong, Failed) and reply.status == HTTPStatus.NOT_FOUND:
        return Missing(wrong.code)
    if wrong is not None:
        return wrong
    try:
        form = meta_forms.form_in(reply)
    except Unreadable:
        return Failed("cut_form")
    return Missing("odd_form") if form is None else Content(told(form))


def _unexplained(item: Item, told: Telling, trouble: Trouble) -> Result:
    """A form that cannot be read holds no lead: it goes on with keys.

    At once where no try would change that: the form is gone, a right is lacking, or there is a
    throttle, which may last for hours and slows no lead that could be read. What may pass is waited
    for once. A void token is among that: it has just read the lead, and if it has ended since, the
    lead itself will say so.
    """
    no_right = isinstance(trouble, Refused) and trouble.lacks != "token"
    is_final = no_right or isinstance(trouble, Missing | Throttled)
    if is_final or item.missing >= _FORM_TRIES:
        return Content(told(UNKNOWN))
    return Missing(f"form {trouble.code}", own=True)


def _lead(item: Item, source: Source, lead: dict[str, Any], raw: bytes, form: Form) -> Arrival:
    said = _answers(lead["field_data"])
    boxes = _boxes(lead.get("custom_disclaimer_responses"))
    arrival = Arrival(
        item.key,
        canonical(lead),
        extra=texts(lead, *_OTHERS),
        test=item.key == DASHBOARD_TEST or bool(_DUMMY.search(str(said))),
        raw=raw,
        form=id_text(lead.get("form_id")),
        occurred_at=of_iso(lead.get("created_time")),
    )
    questions = [meta_forms.question_of(key, value, form) for key, value in said.items()]
    arrival = answered(arrival, questions, source)
    known = {"form_name": form.name} if form.name else {}
    keys = _keys(said, arrival, form) | {key: each for key, each in boxes.items() if form.boxes}
    return arrival._replace(
        extra=plain({**arrival.extra, **({KEYS: keys} if keys else {})}),
        attribution=structs.replace(arrival.attribution, ad=texts(lead, *_AD) | known),
        consent=meta_forms.consent_of(boxes, form) or arrival.consent,
    )


def _answers(field_data: list[Any]) -> dict[str, Any]:
    """Each question with its answer; several answers all stay, none is left out."""
    found: dict[str, Any] = {}
    for field in field_data:
        name, values = mapping(field).get("name"), mapping(field).get("values")
        if not isinstance(name, str) or values in (None, [], ""):
            continue
        several = values if isinstance(values, list) else [values]
        before = found.get(name, [])
        before = before if isinstance(before, list) else [before]
        several = [*before, *several]
        found[name] = several[0] if len(several) == 1 else several
    return found


def _keys(said: Mapping[str, Any], arrival: Arrival, form: Form) -> dict[str, Any]:
    """The answers that are shown in other words, as they came; a contact is not kept twice."""
    return {
        key: value
        for key, value in said.items()
        if meta_forms.spoken(key, value, form) != value
        or (key not in arrival.extra and form.asked(key).label in arrival.extra)
    }


def _boxes(responses: Any) -> dict[str, bool]:
    """Which boxes were ticked, by their keys: "1" and true are, "" and false are not."""
    said: dict[str, bool] = {}
    for response in responses if isinstance(responses, list) else ():
        key = mapping(response).get("checkbox_key")
        if isinstance(key, str):
            said[key] = mapping(response).get("is_checked") in (True, 1, "1", "true")
    return said
