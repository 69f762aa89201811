"""LinkedIn's list of leads, by owner and time, and what announces a lead in a call or a list.

https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/leadsync
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote

from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.sources import linkedin_leads, rest
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Failed, Reply, Request
from services.capture.sources.linkedin_leads import form_of, of_urn
from services.capture.sources.listing import Asked, Found, Listing, Page, newest_of
from services.capture.sources.values import canonical, id_text, mapping, of_milliseconds, texts

AT_ONCE: Final = 100
_OWNER: Final = re.compile(r"urn:li:(sponsoredAccount|organization):[0-9]{1,32}")
_TYPES: Final = {
    "sponsoredAccount": ("SPONSORED",),
    "organization": ("COMPANY", "EVENT", "ORGANIZATION_PRODUCT"),
}
"""Types of leads by who owns them; each is a list of its own."""
_LATEST: Final = 253_402_300_799_000
"""The range of time wants an end, and the list has none: the last second of the year 9999."""
_PLACES: Final = {
    "sponsoredAccount": "account_id",
    "organization": "organization_id",
    "sponsoredCreative": "creative_id",
    "associatedCreative": "creative_id",
    "event": "event_id",
}


def announced(
    key: str, body: dict[str, Any], source: Source, extra: dict[str, str] | None = None
) -> Arrival:
    """A lead to be fetched, as the body of its notification tells of it."""
    form, version = form_of(body.get("leadGenForm"))
    places = mapping(body.get("owner")) | mapping(body.get("associatedEntity"))
    known = {ours: of_urn(places[theirs]) for theirs, ours in _PLACES.items() if theirs in places}
    known |= {"form_id": form, "form_version": version}
    known["lead_type"] = texts(body, "leadType").get("leadType")
    return Arrival(
        key,
        key.encode(),
        extra=extra or {},
        attribution=Attribution(
            page_url=source.page, ad={name: text for name, text in known.items() if text}
        ),
        form=form,
        occurred_at=of_milliseconds(body.get("occurredAt")),
        hydrate=True,
    )


def places(source: Source) -> tuple[str, ...]:
    """The types of leads of the account; none where it is not named."""
    found = _OWNER.fullmatch(source.account or "")
    return _TYPES[found[1]] if found else ()


def request(asked: Asked, source: Source) -> Request:
    """A page of leads of a type; parentheses are literal, the URN's colons are not."""
    urn = source.account or ""
    owner = f"{urn.split(':')[2]}:{quote(urn, safe='')}" if urn.count(":") > 1 else ""
    start = int(asked.cursor) if asked.cursor.isdecimal() else 0
    query = f"q=owner&owner=({owner})&leadType=(leadType:{asked.place})&limitedToTestLeads=false"
    if asked.since:
        began = int(asked.since.timestamp() * 1000)
        query += f"&submittedAtTimeRange=(start:{began},end:{_LATEST})"
    query += f"&start={start}&count={AT_ONCE}"
    return linkedin_leads.get(source, f"leadFormResponses?{query}")


def read(asked: Asked, source: Source, reply: Reply) -> Found:
    """The leads, whose answers are fetched as after a notification."""
    wrong = linkedin_leads.trouble(reply)
    if wrong is not None:
        return wrong
    page = rest.listed_in(reply, "elements")
    if isinstance(page, Failed):
        return page
    body, listed = page
    arrivals = [_arrival(mapping(one), source) for one in listed]
    found = tuple(arrival for arrival in arrivals if arrival)
    start = int(asked.cursor) if asked.cursor.isdecimal() else 0
    following = start + len(listed)
    total = mapping(body.get("paging")).get("total")
    is_last = not listed or (isinstance(total, int) and following >= total)
    further = () if is_last else (str(following),)
    return Page(found, newest_of([each.occurred_at for each in found]), further)


def _arrival(lead: dict[str, Any], source: Source) -> Arrival | None:
    key = id_text(lead.get("id"))
    if key is None:
        return None
    told = lead | {
        "leadGenForm": lead.get("versionedLeadGenFormUrn"),
        "occurredAt": lead.get("submittedAt"),
    }
    return announced(key, told, source)._replace(raw=canonical(texts(lead, "id", "submittedAt")))


LISTING: Final = Listing(places, request, read)
