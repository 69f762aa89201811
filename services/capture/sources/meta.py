"""Meta (Facebook, Instagram) lead ads: the call brings ids only, the Graph API the lead.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started/webhooks-for-leadgen
https://developers.facebook.com/documentation/ads-commerce/marketing-api/guides/lead-ads/retrieving
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from libs.common.bodies import Unreadable, parse, plain
from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from libs.common.normal.names import sort_out
from services.capture.sources import graph, meta_lists
from services.capture.sources.arrival import UNEXPECTED, Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.fetch import Content, Failed, Fetch, Item, Reply, Request, Result
from services.capture.sources.hub import MOST, entries_in, prove, shake_hands
from services.capture.sources.values import (
    canonical,
    id_text,
    ids,
    mapping,
    of_iso,
    of_seconds,
    texts,
)

DASHBOARD_TEST: Final = "444444444444"
"""What the dashboard's Test button sends as the lead's id; nothing can be fetched for it."""
READABLE_FOR_DAYS: Final = 90
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
_AT_WORK: Final = {"phone": "work_phone_number", "email": "work_email"}


def parse_ids(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission for each lead of the batch; what is of other fields is none of ours."""
    entries = entries_in(knock, "page")
    if isinstance(entries, Arrival):
        return [entries]
    found = [_arrival(change, source) for change in islice(_leadgen(entries), MOST + 1)]
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


def request(item: Item, source: Source) -> Request:
    """The lead with all that Meta knows of it."""
    return graph.request(source, f"{item.key}?fields={_ASKED}")


def read(item: Item, source: Source, reply: Reply) -> Result:
    """The lead, or what the error asks for."""
    wrong = graph.trouble(reply)
    if wrong is not None:
        return wrong
    try:
        lead, flags = parse(reply.body)
    except Unreadable:
        return Failed("cut_answer")
    if not isinstance(lead, dict) or "duplicate_keys" in flags:
        return Content(_unread(item, reply))
    if id_text(lead.get("id")) != item.key or not isinstance(lead.get("field_data"), list):
        return Content(_unread(item, reply))
    return Content(_lead(lead, item, source, reply.body))


def _unread(item: Item, reply: Reply) -> Arrival:
    return Arrival(item.key, reply.body, held=UNEXPECTED, raw=reply.body)


def _lead(lead: dict[str, Any], item: Item, source: Source, raw: bytes) -> Arrival:
    answers = _answers(lead["field_data"])
    fields, extra, candidates = sort_out(answers, source.fields, _AT_WORK)
    is_test = item.key == DASHBOARD_TEST or bool(_DUMMY.search(str(answers)))
    return Arrival(
        item.key,
        canonical(lead),
        fields,
        plain(extra | texts(lead, *_OTHERS)),
        Attribution(page_url=source.page, ad=texts(lead, *_AD)),
        _consent(lead.get("custom_disclaimer_responses")),
        test=is_test,
        raw=raw,
        form=id_text(lead.get("form_id")),
        occurred_at=of_iso(lead.get("created_time")),
        candidates=candidates,
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


def _consent(responses: Any) -> Mapping[str, bool] | None:
    """Which boxes were ticked: "1" and true are, "" and false are not."""
    said: dict[str, bool] = {}
    for response in responses if isinstance(responses, list) else ():
        key = mapping(response).get("checkbox_key")
        if isinstance(key, str):
            said[key] = mapping(response).get("is_checked") in (True, 1, "1", "true")
    return said or None


META: Final = Kind(
    "meta",
    prove,
    parse_ids,
    has_forms=True,
    is_signed=True,
    handshake=shake_hands,
    fetch=Fetch(request, read, READABLE_FOR_DAYS),
    listing=meta_lists.LISTING,
)
