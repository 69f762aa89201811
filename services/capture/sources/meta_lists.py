"""Meta's lists: the forms of a page, and the leads of a form by the time they were made.

https://developers.facebook.com/documentation/ads-commerce/marketing-api/guides/lead-ads/retrieving
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import msgspec

from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.sources import graph, rest
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Failed, Refused, Reply, Request
from services.capture.sources.listing import Asked, Found, Listing, Page, newest_of
from services.capture.sources.values import canonical, id_text, ids, mapping, of_iso

AT_ONCE: Final = 100
_OF_THE_TOKEN: Final = "me"  # noqa: S105 - the page that a page token is of

_NOT_CAPABLE: Final = "3"
"""The app may not ask for lists; that says nothing of single leads."""


def places(source: Source) -> tuple[str, ...]:
    """Each form that is named, else the page, which names its own."""
    return source.forms or ("",)


def request(asked: Asked, source: Source) -> Request:
    """A page of a form's leads, or of a page's forms."""
    after = {"after": asked.cursor} if asked.cursor else {}
    if not asked.place:
        of = quote(source.account or _OF_THE_TOKEN, safe="")
        query = {"fields": "id", "limit": str(AT_ONCE), **after}
        return graph.request(source, f"{of}/leadgen_forms?{urlencode(query)}")
    query = {"fields": "id,created_time,ad_id,form_id", "limit": str(AT_ONCE), **after}
    if asked.since:
        newer = {
            "field": "time_created",
            "operator": "GREATER_THAN",
            "value": int(asked.since.timestamp()),
        }
        query["filtering"] = msgspec.json.encode([newer]).decode()
    return graph.request(source, f"{quote(asked.place, safe='')}/leads?{urlencode(query)}")


def read(asked: Asked, source: Source, reply: Reply) -> Found:
    """The leads without their answers, which are fetched as after a call; or the forms."""
    wrong = graph.trouble(reply)
    if isinstance(wrong, Refused) and wrong.code == _NOT_CAPABLE:
        return wrong._replace(everywhere=False)
    if wrong is not None:
        return wrong
    page = rest.listed_in(reply, "data")
    if isinstance(page, Failed):
        return page
    body, listed = page
    after = _after(mapping(body.get("paging")))
    further = (after,) if after else ()
    if not asked.place:
        named = (id_text(mapping(one).get("id")) for one in listed)
        return Page(places=tuple(form for form in named if form), further=further)
    arrivals = [_arrival(mapping(one), asked.place, source) for one in listed]
    found = tuple(arrival for arrival in arrivals if arrival)
    return Page(found, newest_of([each.occurred_at for each in found]), further)


def _after(paging: dict[str, Any]) -> str | None:
    """Where the next page begins, if there is one."""
    following = paging.get("next")
    if not isinstance(following, str):
        return None
    own = mapping(paging.get("cursors")).get("after")
    return (
        own if isinstance(own, str) else parse_qs(urlsplit(following).query).get("after", [""])[0]
    )


def _arrival(lead: dict[str, Any], form: str, source: Source) -> Arrival | None:
    """As its call announces it."""
    key = id_text(lead.get("id"))
    if key is None:
        return None
    return Arrival(
        key,
        key.encode(),
        attribution=Attribution(
            page_url=source.page, ad={"form_id": form, **ids(lead, "ad_id", "form_id")}
        ),
        raw=canonical(lead),
        form=form,
        occurred_at=of_iso(lead.get("created_time")),
        hydrate=True,
    )


LISTING: Final = Listing(places, request, read)
