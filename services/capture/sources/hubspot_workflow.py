"""HubSpot's workflow action "Send a webhook": a contact's properties, all of them or some.

https://knowledge.hubspot.com/workflows/how-do-i-use-webhooks-with-hubspot-workflows
"""

from __future__ import annotations

from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Item
from services.capture.sources.hubspot_contacts import ASKED, contact_in
from services.capture.sources.values import id_text, mapping, of_iso, of_milliseconds, texts

PORTAL: Final = "portal_id"
CONTACT: Final = "hs_object_id"
"""Among the rest: of whom it is, so that it is taken back with the contact."""
_PORTALS: Final = ("portal-id", "portalId", PORTAL)
_CONTACTS: Final = ("vid", "canonical-vid", "objectId", CONTACT, "id")
_ENVELOPE: Final = frozenset({*_PORTALS, *_CONTACTS, "is-contact", "origin", "context"})
_INNER: Final = "hs_"
"""How HubSpot's own properties begin, of which it sends hundreds."""


def contact_of(body: dict[str, Any], raw: bytes, source: Source) -> Arrival | None:
    """The contact of a workflow; None where nobody's name, phone or e-mail is in it."""
    whole = mapping(body.get("object")) or body
    said = _properties(whole, source)
    form = _last_form(whole)
    at = of_milliseconds(form.get("timestamp")) or _moment(said.get("recent_conversion_date"))
    portal = _first(_PORTALS, body, whole, mapping(body.get("origin")))
    contact = _first(_CONTACTS, whole, mapping(whole.get("properties")))
    key = f"{portal}:{contact}:{int(at.timestamp())}" if portal and contact and at else None
    page, title = (texts(form, name).get(name) for name in ("page-url", "title"))
    beside = {"page_url": page, "recent_conversion_event_name": title}
    said = {name: text for name, text in beside.items() if text} | said
    found = contact_in(Item(key or "", at=at), source, said, raw)
    if not found.fields:
        return None
    ids = {PORTAL: portal, CONTACT: contact}
    known = {name: text for name, text in ids.items() if text}
    return found._replace(key=key, extra={**found.extra, **known}, occurred_at=at)


def _properties(whole: dict[str, Any], source: Source) -> dict[str, Any]:
    """Those that somebody chose to send; of a whole contact the usual and the account's own."""
    inner = whole.get("properties")
    if not isinstance(inner, dict):
        return {name: each for name, each in whole.items() if name not in _ENVELOPE}
    wanted = {*ASKED, *source.fields.values()}
    told = {name: each for name, each in inner.items() if name in wanted or name[:3] != _INNER}
    return {name: mapping(each).get("value", each) for name, each in told.items()}


def _last_form(whole: dict[str, Any]) -> dict[str, Any]:
    """The form that was filled in last, where all of the contact's are told."""
    forms = whole.get("form-submissions")
    listed = [mapping(each) for each in forms] if isinstance(forms, list) else []
    dated = [
        (moment, each) for each in listed if (moment := of_milliseconds(each.get("timestamp")))
    ]
    return max(dated, key=lambda one: one[0])[1] if dated else {}


def _moment(value: Any) -> Any:
    return of_iso(value) or of_milliseconds(value)


def _first(names: tuple[str, ...], *places: dict[str, Any]) -> str | None:
    """The first id under one of these names; a property may have its value inside."""
    for place in places:
        for name in names:
            each = place.get(name)
            text = id_text(mapping(each).get("value", each))
            if text and ":" not in text:
                return text
    return None
