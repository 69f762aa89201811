"""HubSpot's CRM events: the call brings ids of contacts, the CRM API the contacts.

https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.sources import hubspot_contacts
from services.capture.sources.arrival import DUPLICATES, Arrival, Knock, Withdrawn, odd
from services.capture.sources.contract import Kind
from services.capture.sources.fetch import Fetch
from services.capture.sources.proofs import is_fresh, is_signed
from services.capture.sources.values import canonical, id_text, mapping, of_milliseconds, texts

MOST: Final = 1000
"""Events of one call; HubSpot sends up to 100."""
READABLE_FOR_DAYS: Final = 3650
"""A contact stays until somebody deletes it, and then there is word of that."""
_DECODED: Final = re.compile(r"%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
"""What HubSpot decodes in a URL before it signs."""
_CONTACTS: Final = ("0-1", "contact")
_CREATED: Final = "creation"
_CHANGED: Final = "propertyChange"
_DELETED: Final = ("deletion", "privacyDeletion")
_BY_VISITOR: Final = "FORM"
_IN_BULK: Final = ("IMPORT", "MIGRATION")
"""Lists that a colleague loads are none of today's leads: `sarnakh import` takes those."""


def prove(knock: Knock, source: Source, now: float) -> bool:
    """X-HubSpot-Signature-v3, over method, URL, body and time; the older ones have no time."""
    moment = knock.headers.get(b"x-hubspot-request-timestamp", b"")
    given = knock.headers.get(b"x-hubspot-signature-v3", b"")
    proven = False
    for url in (knock.url, _DECODED.sub(lambda found: chr(int(found[0][1:], 16)), knock.url)):
        signed = (knock.method + url).encode("latin-1", "replace") + knock.body + moment
        proven |= is_signed(signed, given, source, encoded=_base64)
    return proven and is_fresh(moment, now, per_second=1000)


def parse_events(knock: Knock, source: Source) -> Sequence[Arrival | Withdrawn]:
    """Each contact once, however many events tell of it; one that is deleted is taken back.

    A contact is a lead when it is created, or fills in a form; not when colleagues edit it.
    """
    try:
        events, flags = parse(knock.body)
    except Unreadable:
        return [odd(knock.body)]
    if DUPLICATES in flags:
        return [odd(knock.body, held=DUPLICATES)]
    if not isinstance(events, list) or len(events) > MOST:
        return [odd(knock.body)]
    found: dict[str, Arrival | Withdrawn] = {}
    for each in _told(events, source):
        if each.key and (isinstance(each, Withdrawn) or each.key not in found):
            found[each.key] = each
    return list(found.values())


def _told(events: list[Any], source: Source) -> Iterator[Arrival | Withdrawn]:
    for event in events:
        kind, key = _kind_of(event), _key_of(event)
        by = texts(mapping(event), "changeSource").get("changeSource", "")
        if kind is None or (key is None and kind in (_CREATED, _CHANGED, *_DELETED)):
            raw = canonical(event)
            yield odd(raw, raw=raw)
        elif key is None:
            continue
        elif kind in _DELETED and "MERGE" not in by:
            yield Withdrawn(key)
        elif (kind == _CREATED and by not in _IN_BULK) or (kind == _CHANGED and by == _BY_VISITOR):
            yield _arrival(key, by, event, source)


def _kind_of(event: Any) -> str | None:
    """What happened to a contact; empty for other things, None for what is no event."""
    about, _, kind = str(mapping(event).get("subscriptionType") or "").partition(".")
    if about == "object":
        about = str(mapping(event).get("objectTypeId"))
    return (kind if about in _CONTACTS else "") if about else None


def _key_of(event: Any) -> str | None:
    """Of an account and a contact: accounts count their contacts each for itself."""
    portal, contact = (id_text(mapping(event).get(name)) for name in ("portalId", "objectId"))
    return f"{portal}:{contact}" if portal and contact else None


def _arrival(key: str, by: str, event: dict[str, Any], source: Source) -> Arrival:
    """The same for every event of a contact, but for its time."""
    return Arrival(
        key,
        key.encode(),
        extra={"change_source": by} if by else {},
        attribution=Attribution(page_url=source.page),
        raw=canonical(event),
        occurred_at=of_milliseconds(event.get("occurredAt")),
        hydrate=True,
    )


def _base64(digest: bytes) -> bytes:
    return binascii.b2a_base64(digest, newline=False)


HUBSPOT: Final = Kind(
    "hubspot",
    prove,
    parse_events,
    is_signed=True,
    signs_url=True,
    fetch=Fetch(hubspot_contacts.request, hubspot_contacts.read, READABLE_FOR_DAYS),
)
