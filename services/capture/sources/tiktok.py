"""TikTok instant forms (API for Business v1.3): the answers are in the call.

https://business-api.tiktok.com/portal/docs/create-a-subscription/v1.3
https://developers.tiktok.com/doc/webhooks-verification
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import structs

from libs.common.bodies import Unreadable, parse, plain
from libs.common.configuration.schema import Source
from services.capture.sources.arrival import DUPLICATES, UNVERIFIED, Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.proofs import by_shared_secret, by_stamp
from services.capture.sources.questions import Question, answered
from services.capture.sources.values import alone, canonical, id_text, mapping, of_seconds, texts

MOST: Final = 1000
"""Leads of one call."""
_SIGNATURE: Final = b"tiktok-signature"
_LEAD: Final = "1"
_AD: Final = (
    "campaign_id", "campaign_name", "adgroup_id", "adgroup_name", "ad_id", "ad_name", "page_name",
)  # fmt: skip
_KNOWN: Final = frozenset({"id", "create_time", "page_id", "changes", *_AD})


def prove(knock: Knock, source: Source, now: float) -> bool:
    """TikTok-Signature where there is one; it is not published that there is for leads.

    One that is there has to be right; without it the address or X-Lead-Token proves the sender.
    """
    if _SIGNATURE not in knock.headers or not source.secret:
        return by_shared_secret(knock, source, now)
    return by_stamp(knock, source, now, _SIGNATURE, b"s")


def parse_leads(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission for each lead; a lead that is there twice counts once."""
    try:
        value, flags = parse(knock.body)
    except Unreadable:
        return [odd(knock.body)]
    body = mapping(value)
    object_, entries = id_text(body.get("object")), body.get("entry")
    if DUPLICATES in flags:
        return [odd(knock.body, held=DUPLICATES)]
    if object_ is not None and object_ != _LEAD:
        return []
    if object_ is None or not isinstance(entries, list) or len(entries) > MOST:
        return [odd(knock.body)]
    signed = source.secret and _SIGNATURE in knock.headers
    extra: Mapping[str, Any] = {} if signed else UNVERIFIED
    found: dict[str | None, Arrival] = {}
    for entry in entries:
        arrival = _arrival(entry, source, extra)
        found.setdefault(arrival.key, arrival)
    return list(found.values())


def _arrival(entry: Any, source: Source, extra: Mapping[str, Any]) -> Arrival:
    """The part of a body that is one lead, kept as its raw bytes."""
    content = canonical(entry)
    lead = mapping(entry)
    key = id_text(lead.get("id"))
    if key is None or not isinstance(lead.get("changes"), list):
        return odd(content, raw=content)
    others = {name: value for name, value in lead.items() if name not in _KNOWN}
    form = id_text(lead.get("page_id"))
    arrival = Arrival(
        key,
        content,
        extra=plain(extra),
        raw=content,
        form=form,
        occurred_at=of_seconds(lead.get("create_time")),
    )
    asked = [Question((name,), said) for name, said in (_answers(lead["changes"]) | others).items()]
    arrival = answered(arrival, asked, source, whole=lead)
    ad = ({"form_id": form} if form else {}) | texts(lead, *_AD)
    return arrival._replace(
        extra=plain(dict(arrival.extra)), attribution=structs.replace(arrival.attribution, ad=ad)
    )


def _answers(changes: list[Any]) -> dict[str, Any]:
    """By question, which is named as the form's author wrote it; several answers all stay."""
    said: dict[str, list[Any]] = {}
    for change in changes:
        field, value = mapping(change).get("field"), mapping(change).get("value")
        if isinstance(field, str) and value not in (None, ""):
            said.setdefault(field, []).append(value)
    return {field: alone(values) for field, values in said.items()}


TIKTOK: Final = Kind("tiktok", prove, parse_leads, has_forms=True)
