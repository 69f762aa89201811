"""Snapchat lead generation: one flat lead a call, signed in a way that Snap does not describe.

https://developers.snap.com/api/marketing-api/Ads-API/lead-generation-ads
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import structs

from libs.common.bodies import Unreadable, parse, plain
from libs.common.configuration.schema import Source
from libs.common.normal.names import sort_out
from services.capture.reading.attribution import Origins, attributed
from services.capture.reading.consent import consented
from services.capture.sources.arrival import DUPLICATES, UNVERIFIED, Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.values import (
    canonical,
    id_text,
    is_yes,
    mapping,
    of_milliseconds,
    texts,
)

TEST_MAIL: Final = "johndoe@snapchat.com"
"""Of the fixed lead that Snap's test call sends, whatever the form asks."""
_AD: Final = (
    "form_id", "form_name", "ad_account_id", "campaign_id", "campaign_name", "ad_id", "ad_name",
    "ad_squad_id", "ad_squad_name",
)  # fmt: skip
_UNTICKED: Final = ("", "false", "0")
_KNOWN: Final = frozenset({"lead_id", "create_time", *_AD})


def parse_lead(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission, marked as unverified: whoever knows the address could have sent it."""
    try:
        value, flags = parse(knock.body)
    except Unreadable:
        return [odd(knock.body)]
    lead = mapping(value)
    key = id_text(lead.get("lead_id"))
    if DUPLICATES in flags or key is None:
        return [odd(knock.body, held=DUPLICATES)] if DUPLICATES in flags else [odd(knock.body)]
    answers = {name: said for name, said in lead.items() if name not in _KNOWN}
    ticked, answers = consented(answers)
    origin, rest = attributed(answers, Origins(page=source.page))
    fields, extra, candidates = sort_out(rest, source.fields)
    return [
        Arrival(
            key,
            canonical(lead),
            fields,
            plain({**extra, **UNVERIFIED}),
            structs.replace(origin, ad=texts(lead, *_AD)),
            _ticked(ticked),
            test=texts(lead, "email").get("email", "").lower() == TEST_MAIL,
            form=id_text(lead.get("form_id")),
            occurred_at=of_milliseconds(lead.get("create_time")),
            candidates=candidates,
        )
    ]


def _ticked(said: Any) -> Any:
    """Boxes come as text; one in other words than these is kept in its own."""
    if not isinstance(said, dict):
        return said
    return {name: _box(value) for name, value in said.items() if value is not None} or None


def _box(said: Any) -> Any:
    in_words = isinstance(said, str) and said.strip().lower() not in _UNTICKED
    return said if in_words and not is_yes(said) else is_yes(said)


SNAPCHAT: Final = Kind("snapchat", by_shared_secret, parse_lead, has_forms=True)
