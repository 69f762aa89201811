"""HubSpot's CRM events, which bring ids of contacts; the CRM API has the contacts. And workflows.

https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from libs.common.events import Attribution, LeadCaptured
from services.capture.sources import hubspot_contacts
from services.capture.sources.arrival import DUPLICATES, Arrival, Knock, Withdrawn, odd
from services.capture.sources.contract import Kind
from services.capture.sources.fetch import TOGETHER, Fetch
from services.capture.sources.hubspot_workflow import CONTACT, PORTAL
from services.capture.sources.hubspot_workflow import contact_of as contact_in_workflow
from services.capture.sources.proofs import is_fresh, is_signed
from services.capture.sources.repeats import WINDOW, by_content
from services.capture.sources.values import canonical, id_text, ids, mapping, of_milliseconds, texts

MOST: Final = 1000
"""Events of one call; HubSpot sends up to 100."""
READABLE_FOR_DAYS: Final = 3650
"""A contact stays until somebody deletes it, and then there is word of that."""
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DECODED: Final = re.compile(r"%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
"""What HubSpot decodes in a URL before it signs."""
_CONTACTS: Final = ("0-1", "contact")
_CREATED: Final = "creation"
_CHANGED: Final = "propertyChange"
_DELETED: Final = ("deletion", "privacyDeletion")
_BY_VISITOR: Final = "FORM"
_CONVERSIONS: Final = ("recent_conversion_date", "recent_conversion_event_name")
"""Properties that HubSpot itself writes with each form, also where the visitor's answers are those
of before."""
_IN_BULK: Final = ("IMPORT", "MIGRATION")
"""Lists that a colleague loads are none of today's leads: `sarnakh import` takes those."""


def prove(knock: Knock, source: Source, now: float) -> bool:
    """X-HubSpot-Signature-v3, over method, URL, body and time.

    Workflows sign by v2, which has no time and is no HMAC; for events it proves nothing, as for
    them the newer one is always there.
    """
    moment = knock.headers.get(b"x-hubspot-request-timestamp", b"")
    given = knock.headers.get(b"x-hubspot-signature-v3", b"")
    urls = (knock.url, _DECODED.sub(lambda found: chr(int(found[0][1:], 16)), knock.url))
    calls = [(knock.method + url).encode("latin-1", "replace") + knock.body for url in urls]
    if not given and _is_object(knock):
        return _is_signed_by_v2(calls, knock, source)
    proven = [is_signed(call + moment, given, source, encoded=_base64) for call in calls]
    return any(proven) and is_fresh(moment, now, per_second=1000)


def _is_signed_by_v2(calls: Iterable[bytes], knock: Knock, source: Source) -> bool:
    """SHA-256 in hex of a secret and what is called."""
    given = knock.headers.get(b"x-hubspot-signature", b"")
    found = False
    for call in calls:
        for secret in filter(None, source.secret or ()):
            wanted = hashlib.sha256(secret.encode() + call).hexdigest().encode()
            found |= hmac.compare_digest(wanted, given)
    return found and knock.headers.get(b"x-hubspot-signature-version") == b"v2"


def _is_object(knock: Knock) -> bool:
    return knock.body.lstrip().startswith(b"{")


def parse_events(knock: Knock, source: Source) -> Sequence[Arrival | Withdrawn]:
    """Each form of a contact once, however many events tell of it; who is deleted is taken back.

    A contact is a lead when it is created, and whenever it fills in a form; not when colleagues
    edit it (docs/decisions/0021-forms-of-a-contact.md).
    """
    try:
        events, flags = parse(knock.body)
    except Unreadable:
        return [odd(knock.body)]
    if DUPLICATES in flags:
        return [odd(knock.body, held=DUPLICATES)]
    if isinstance(events, dict):
        return [contact_in_workflow(events, knock.body, source) or odd(knock.body)]
    if not isinstance(events, list) or len(events) > MOST:
        return [odd(knock.body)]
    told = list(_told(events, source))
    gone = {each.key for each in told if isinstance(each, Withdrawn)}
    forms = _forms(each for each in told if isinstance(each, Arrival) and each.hydrate)
    found: dict[str | None, Arrival | Withdrawn] = {}
    for each in told:
        is_one = isinstance(each, Withdrawn) or not each.hydrate or each.key in forms
        if is_one and (isinstance(each, Withdrawn) or contact_of(each.key or "") not in gone):
            found.setdefault(each.key, each)
    return list(found.values())


def contact_of(key: str) -> str:
    """The key of the contact, with its account, which fills in the form of this key."""
    return ":".join(key.split(":")[:2])


def record_of(captured: LeadCaptured) -> str | None:
    """The contact that a submission is of: with it, it is taken back."""
    if captured.platform_id:
        return contact_of(captured.platform_id)
    told = texts(captured.extra, PORTAL, CONTACT)
    return f"{told[PORTAL]}:{told[CONTACT]}" if len(told) == 2 else None  # noqa: PLR2004 - both


def _forms(events: Iterable[Arrival]) -> set[str]:
    """The keys of those that stand for their form: its other events are within seconds of them.

    The creation before all others; it is told once in a contact's life.
    """
    found: dict[str, list[datetime]] = {}
    keys = set()
    for each in sorted(events, key=_rank):
        key = each.key or ""
        moments = found.setdefault(contact_of(key), [])
        at = each.occurred_at or _LONG_AGO
        if not any(abs(at - known) <= TOGETHER for known in moments):
            keys.add(key)
            moments.append(at)
    return keys


def _rank(event: Arrival) -> tuple[bool, datetime, str]:
    key = event.key or ""
    return key != contact_of(key), event.occurred_at or _LONG_AGO, key


def _told(events: list[Any], source: Source) -> Iterator[Arrival | Withdrawn]:
    for event in events:
        kind, contact = _kind_of(event), _contact_in(event)
        by = texts(mapping(event), "changeSource").get("changeSource", "")
        if kind is None or (contact is None and kind in (_CREATED, _CHANGED, *_DELETED)):
            raw = canonical(event)
            yield odd(raw, raw=raw)
        elif contact is None:
            continue
        elif kind in _DELETED and "MERGE" not in by:
            yield Withdrawn(contact, of_milliseconds(event.get("occurredAt")))
        elif kind == _CREATED and by not in _IN_BULK:
            yield _arrival(contact, by, event, source)
        elif kind == _CHANGED and _is_form(event, by):
            yield _arrival(f"{contact}:{_moment(event)}", by, event, source)


def _is_form(event: dict[str, Any], by: str) -> bool:
    """Whether the contact itself changed, by a form."""
    name = texts(event, "propertyName").get("propertyName")
    is_conversion = name in _CONVERSIONS and by not in _IN_BULK and "MERGE" not in by
    return by == _BY_VISITOR or is_conversion


def _moment(event: dict[str, Any]) -> str:
    """What a form's changes have in common, and its repeats: when, in milliseconds."""
    found = ids(event, "occurredAt", "eventId")
    return found.get("occurredAt") or f"event-{found.get('eventId', '')}"


def _kind_of(event: Any) -> str | None:
    """What happened to a contact; empty for other things, None for what is no event."""
    about, _, kind = str(mapping(event).get("subscriptionType") or "").partition(".")
    if about == "object":
        about = str(mapping(event).get("objectTypeId"))
    return (kind if about in _CONTACTS else "") if about else None


def _contact_in(event: Any) -> str | None:
    """Of an account and a contact: accounts count their contacts each for itself."""
    portal, contact = (id_text(mapping(event).get(name)) for name in ("portalId", "objectId"))
    if not portal or not contact or ":" in portal + contact:
        return None
    return f"{portal}:{contact}"


def _arrival(key: str, by: str, event: dict[str, Any], source: Source) -> Arrival:
    """The same for every event of this key, but for what changed."""
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
    fetch=Fetch(
        hubspot_contacts.request, hubspot_contacts.read, READABLE_FOR_DAYS, record=record_of
    ),
    repeats=by_content,
    again_after=WINDOW,
)
