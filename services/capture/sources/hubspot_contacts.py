"""A contact as HubSpot's CRM API gives it, and what the API's errors ask for.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, Final

from msgspec import structs

from libs.common.bodies import Unreadable, plain
from libs.common.configuration.schema import Source
from libs.common.normal.names import sort_out
from services.capture.reading.attribution import CLICK_IDS, Origins, attributed
from services.capture.sources import rest
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import (
    Content,
    Failed,
    Item,
    Refused,
    Reply,
    Request,
    Result,
    Throttled,
)
from services.capture.sources.hubspot_history import as_of
from services.capture.sources.values import canonical, id_text, of_iso, texts

ADDRESS: Final = "https://api.hubapi.com"
ASKED: Final = (
    "firstname", "lastname", "email", "phone", "mobilephone", "hs_whatsapp_phone_number",
    "company", "message", "jobtitle", "website", "address", "zip", "city", "state", "country",
    "industry", "hs_language", "lifecyclestage", "hs_lead_status", "hs_legal_basis",
    "hs_additional_emails", "hs_analytics_first_url", "hs_analytics_last_url",
    "hs_analytics_first_referrer", "hs_analytics_source", "hs_analytics_source_data_1",
    "hs_analytics_source_data_2", "first_conversion_event_name", "recent_conversion_event_name",
    "recent_conversion_date", "hs_google_click_id", "hs_facebook_click_id",
    "hs_merged_object_ids", "createdate",
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "page_url",
    "visitor_id", *CLICK_IDS,
)  # fmt: skip
"""The usual properties of a contact."""
_OURS: Final = {
    "hs_analytics_last_url": "page_url",
    "hs_analytics_first_referrer": "referrer",
    "hs_google_click_id": "gclid",
    "hs_facebook_click_id": "fbclid",
}
"""Properties that say where somebody came from; what a form wrote under our own names wins."""
_LATE: Final = {"phone": "hs_whatsapp_phone_number", "language": "hs_language"}
_OWN: Final = frozenset({"createdate", "lastmodifieddate", "hs_object_id", "hs_merged_object_ids"})
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,99}")
_TEN_SECONDS: Final = 10.0
_MIGRATING: Final = 477
_SECONDLY: Final = "SECONDLY"


def request(item: Item, source: Source) -> Request:
    """The contact, with what the configuration maps beside what is known, and how it was before.

    How it was is asked for at first only: with it, an answer may be too large to be read.
    """
    more = (theirs for theirs in source.fields.values() if _NAME.fullmatch(theirs))
    names = ",".join(dict.fromkeys((*ASKED, *more)))
    base = (source.api_url or ADDRESS).rstrip("/")
    asked = f"properties={names}" + ("" if item.missing else f"&propertiesWithHistory={names}")
    url = f"{base}/crm/v3/objects/contacts/{_contact_of(item)}?{asked}"
    return Request(url, rest.bearing(source))


def read(item: Item, source: Source, reply: Reply) -> Result:
    """The contact, or what the error asks for."""
    wrong = _trouble(reply)
    if wrong is not None:
        return wrong
    try:
        contact = rest.json_object(reply.body) or {}
    except Unreadable:
        return Failed("cut_answer")
    said = contact.get("properties")
    if not isinstance(said, dict) or _contact_of(item) not in _ids(contact, said):
        return Content(rest.unread(item, reply))
    return Content(contact_in(item, source, as_of(contact, item.at), reply.body))


def _contact_of(item: Item) -> str:
    """The contact's id, without its account and the moment of its form."""
    return "".join(item.key.split(":")[1:2])


def _ids(contact: dict[str, Any], said: dict[str, Any]) -> set[str]:
    """Its own, and those of contacts that were merged into it."""
    merged = texts(said, "hs_merged_object_ids").get("hs_merged_object_ids", "")
    return {id_text(contact.get("id")) or "", *merged.split(";")}


def contact_in(item: Item, source: Source, said: dict[str, Any], raw: bytes) -> Arrival:
    """The contact that has these properties."""
    filled = {name: value for name, value in said.items() if value not in (None, "")}
    first = filled.get("hs_analytics_first_url")
    where = {ours: filled.pop(theirs) for theirs, ours in _OURS.items() if theirs in filled}
    landed, _ = attributed({"page_url": first} if first else {}, Origins())
    basis = filled.pop("hs_legal_basis", None)
    origin, rest_of = attributed(where | filled, Origins(page=landed.page_url or source.page))
    fields, extra, candidates = sort_out(rest_of, source.fields, _LATE)
    return Arrival(
        item.key,
        canonical({name: value for name, value in filled.items() if name not in _OWN} | where),
        fields,
        plain({name: value for name, value in extra.items() if name not in _OWN}),
        structs.replace(
            origin, utm=landed.utm | origin.utm, click_ids=landed.click_ids | origin.click_ids
        ),
        {"hs_legal_basis": basis} if isinstance(basis, str) else None,
        raw=raw,
        occurred_at=item.at or of_iso(said.get("createdate")),
        candidates=candidates,
    )


def _trouble(reply: Reply) -> Result | None:
    """HubSpot names the limit that was reached; a day's is asked for again ever more slowly."""
    error = texts(rest.error_of(reply), "policyName", "category")
    code = error.get("policyName") or error.get("category") or f"http_{reply.status}"
    if reply.status == HTTPStatus.FORBIDDEN and code == "MISSING_SCOPES":
        return Refused(code, everywhere=True, said="right")
    if reply.status == _MIGRATING:
        again = rest.trouble(reply._replace(status=HTTPStatus.TOO_MANY_REQUESTS), code)
        return again if isinstance(again, Throttled) else Failed(code)
    return rest.trouble(reply, code, _TEN_SECONDS if _SECONDLY in code else None)
