"""Meta (Facebook, Instagram) lead ads: the call brings ids only, the Graph API the lead.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started/webhooks-for-leadgen
https://developers.facebook.com/documentation/ads-commerce/marketing-api/guides/lead-ads/retrieving
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.sources import graph_tokens, meta_leads, meta_lists
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.fetch import Fetch
from services.capture.sources.hub import MOST, PAGE, entries_in, prove, shake_hands
from services.capture.sources.meta_leads import DASHBOARD_TEST
from services.capture.sources.values import canonical, id_text, ids, mapping, of_seconds

READABLE_FOR_DAYS: Final = 90


def parse_ids(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission for each lead of the batch; what is of other fields is none of ours."""
    told = entries_in(knock, PAGE)
    if isinstance(told, Arrival):
        return [told]
    found = [_arrival(change, source) for change in islice(_leadgen(told.entries), MOST + 1)]
    if len(found) > MOST:
        return [odd(knock.body)]
    return [found[0]._replace(raw=None)] if len(found) == 1 else found


def _leadgen(entries: list[Any]) -> Iterator[Any]:
    """The changes that are leads, and whatever cannot be told."""
    for entry in entries:
        changes = mapping(entry).get("changes")
        if isinstance(changes, list):
            yield from (c for c in changes if mapping(c).get("field", "leadgen") == "leadgen")
        elif not isinstance(entry, dict) or "changes" in entry:
            yield entry


def _arrival(change: Any, source: Source) -> Arrival:
    content = canonical(change)
    value = mapping(mapping(change).get("value"))
    key = id_text(value.get("leadgen_id"))
    if key is None:
        return odd(content, raw=content)
    known = ids(value, "ad_id", "form_id", "page_id")
    return Arrival(
        key,
        key.encode(),
        attribution=Attribution(page_url=source.page, ad=known),
        test=key == DASHBOARD_TEST,
        raw=content,
        form=known.get("form_id"),
        occurred_at=of_seconds(value.get("created_time")),
        hydrate=key != DASHBOARD_TEST,
    )


META: Final = Kind(
    "meta",
    prove,
    parse_ids,
    has_forms=True,
    is_signed=True,
    handshake=shake_hands,
    fetch=Fetch(meta_leads.request, meta_leads.read, READABLE_FOR_DAYS),
    listing=meta_lists.LISTING,
    introspection=graph_tokens.asked,
)
