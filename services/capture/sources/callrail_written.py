"""What people write to CallRail: forms and text messages, and where all of its leads came from.

https://support.callrail.com/hc/en-us/community/posts/5810662527501-What-data-is-sent-with-Webhooks
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import structs

from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from libs.common.normal.names import CHOSEN, text_of
from services.capture.reading.attribution import FLAT, Origins, attributed
from services.capture.sources.arrival import Arrival
from services.capture.sources.calls import phone_of
from services.capture.sources.chats import heard
from services.capture.sources.conversation import rest_of
from services.capture.sources.questions import Question, answered
from services.capture.sources.values import canonical, id_text, of_iso, texts

_SENT: Final = "text-message-sent"
"""What the address ends with that CallRail is given for what we write."""
_ORIGIN: Final = ("referring_url", "referrer", "campaign", *FLAT)
_OF_FORMS: Final = (
    "id", "resource_id", "timestamp", "form_data", "form_url", "submitted_at", *_ORIGIN,
)  # fmt: skip
_OF_TEXTS: Final = (
    "id", "resource_id", "timestamp", "content", "source_number", "direction", "conversation_id",
)  # fmt: skip
_KNOWN: Final = {
    "name": "customer_name",
    "email": "customer_email",
    "phone": "customer_phone_number",
}
"""Ours, by what CallRail knows of a visitor: where a form does not ask, or nobody can be reached by
what was typed."""


def form_of(body: dict[str, Any], source: Source) -> Arrival | None:
    """A form that somebody filled in on a page of ours; None for what nobody can read."""
    key, answers = _key_of(body), body.get("form_data")
    if key is None or not isinstance(answers, dict):
        return None
    told = {name: body[name] for name in body if name != "timestamp"}
    arrival = Arrival(
        f"form:{key}",
        canonical(told),
        occurred_at=of_iso(body.get("submitted_at")),
        submits="webhook",
    )
    known = {ours: texts(body, theirs).get(theirs, "") for ours, theirs in _KNOWN.items()}
    known["phone"] = phone_of(known["phone"]) or ""
    questions = [Question((name,), answer) for name, answer in answers.items()]
    questions += [Question((_KNOWN[ours],), known[ours], ours) for ours in CHOSEN]
    found = answered(arrival, questions, source, whole=body)
    lacking = {"name": known["name"]} if known["name"] and not _is_named(found) else {}
    origin = origin_of({"page_url": body.get("form_url"), **body}, source)
    told_already = [*_OF_FORMS, *(_KNOWN[ours] for ours in CHOSEN if known[ours])]
    told_already += [_KNOWN[ours] for ours in lacking]
    if origin.page_url == body.get("landing_page_url"):
        told_already.append("landing_page_url")
    return found._replace(
        fields={**found.fields, **lacking},
        extra={**found.extra, **rest_of(body, *told_already)},
        attribution=origin,
    )


def is_ours(body: dict[str, Any], tail: str) -> bool:
    """Whether somebody of ours wrote the text message: nobody turned to us by it."""
    ours = {text_of(body.get(name)) for name in ("tracking_phone_number", "business_phone_number")}
    is_from_us = text_of(body.get("source_number")) in ours - {""}
    direction = text_of(body.get("direction")).lower()
    return tail.strip("/") == _SENT or direction.startswith("out") or is_from_us


def text_message_of(body: dict[str, Any], source: Source) -> Arrival | None:
    """A text message to us; None for what nobody can read."""
    key, ends = _key_of(body), texts(body, "source_number", "destination_number")
    said = body["content"] or ""  # a picture has no words
    if key is None or "source_number" not in ends or not isinstance(said, str):
        return None
    fields = {"phone": phone_of(ends["source_number"]), "message": said.strip()}
    arrival = Arrival(
        f"text:{key}",
        canonical({name: body[name] for name in body if name != "lead_status"}),
        {ours: text for ours, text in fields.items() if text},
        rest_of(body, *_OF_TEXTS),
        origin_of(body, source),
        occurred_at=of_iso(body.get("timestamp")),
        conversation=id_text(body.get("conversation_id")) or ":".join(ends.values()),
        submits="chat",
    )
    return heard(arrival, source, body)


def origin_of(body: dict[str, Any], source: Source) -> Attribution:
    """The page, the campaign and the click that brought somebody; `page_url` before the landing."""
    flat = {name: body[name] for name in body if name in FLAT}
    referrer = text_of(body.get("referring_url")) or text_of(body.get("referrer"))
    landed, _ = attributed({"page_url": body.get("landing_page_url")}, Origins())
    page = text_of(flat.get("page_url")) or body.get("landing_page_url")
    found, _ = attributed(
        {**flat, "page_url": page, "referrer": referrer}, Origins(page=source.page)
    )
    campaign = texts(body, "campaign").get("campaign")
    return structs.replace(
        found,
        utm=landed.utm | found.utm,
        click_ids=landed.click_ids | found.click_ids,
        ad={"campaign_name": campaign} if campaign else {},
    )


def _key_of(body: dict[str, Any]) -> str | None:
    """Of forms and texts alike CallRail lists a number and an id that is its own everywhere."""
    return id_text(body.get("resource_id")) or id_text(body.get("id"))


def _is_named(found: Arrival) -> bool:
    return any(name in found.fields for name in ("name", "first_name", "last_name"))
