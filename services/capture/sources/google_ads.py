"""Google Ads lead forms: the key that proves the sender is in the body, so it is blanked there.

https://developers.google.com/google-ads/webhook/docs/implementation
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from libs.common.bodies import Unreadable, parse, plain
from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from libs.common.normal.names import Sorted, candidates_of, text_of
from services.capture.calls.call import Answer
from services.capture.sources.arrival import DUPLICATES, Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.proofs import by_shared_secret, is_one_of
from services.capture.sources.values import canonical, ids, is_yes, mapping, of_iso, texts

UNKNOWN_KEY: Final = "unknown_key"
"""The address proves the sender, but the key is none of ours: a rotation on one side only."""
_KEY: Final = "google_key"
_BLANK: Final = "***"
_WRITTEN: Final = re.compile(rb'("google_key"\s*:\s*)("(?:[^"\\]|\\.)*"|[^\s,}\]]+)')
_OURS: Final = {
    "FULL_NAME": "name",
    "FIRST_NAME": "first_name",
    "LAST_NAME": "last_name",
    "PHONE_NUMBER_VERIFIED": "phone",
    "PHONE_NUMBER": "phone",
    "WORK_PHONE": "phone",
    "EMAIL": "email",
    "WORK_EMAIL": "email",
    "COMPANY_NAME": "company",
}
"""Of two columns for one field the upper counts, and the other stays among the rest."""
_AD: Final = ("campaign_id", "adgroup_id", "creative_id", "asset_group_id", "form_id")


def prove(knock: Knock, source: Source, now: float) -> bool:
    """The key in the body, else what other unsigned kinds have."""
    own = is_one_of(_key_of(_read(knock.body)[0]).encode("utf-8", "surrogatepass"), source.secret)
    return by_shared_secret(knock, source, now) | own


def parse_lead(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission; columns are told by their ids, for their names are translated."""
    body, flags = _read(knock.body)
    raw = blanked(knock.body)
    key = texts(body, "lead_id").get("lead_id")
    columns = body.get("user_column_data", [])
    kept = {name: value for name, value in body.items() if name != _KEY}
    if key is None or not isinstance(columns, list):
        return [odd(canonical(kept) if kept else raw, raw)]
    (fields, extra, candidates), proven = _columns(columns, source)
    known = ids(body, *_AD)
    click = texts(body, "gcl_id").get("gcl_id")
    is_known = not source.secret or is_one_of(_key_of(body).encode(), source.secret)
    return [
        Arrival(
            key,
            canonical(kept),
            fields,
            plain(extra | texts(body, "lead_stage")),
            Attribution(
                page_url=source.page, click_ids={"gclid": click} if click else {}, ad=known
            ),
            held=DUPLICATES if DUPLICATES in flags else None if is_known else UNKNOWN_KEY,
            test=is_yes(body.get("is_test")),
            raw=raw,
            form=known.get("form_id"),
            occurred_at=of_iso(body.get("lead_submit_time")),
            proven=proven,
            candidates=candidates,
        )
    ]


def blanked(raw: bytes) -> bytes:
    """The body as it came, but for the key. Where that cannot be made sure, made anew."""
    cut = _WRITTEN.sub(rb'\1"' + _BLANK.encode() + rb'"', raw)
    body, _ = _read(cut)
    if _key_of(body) in ("", _BLANK):
        return cut
    return canonical(body | {_KEY: _BLANK})


def refuse(status: int) -> Answer:
    """As Google shows it to the advertiser."""
    message = "The key is not right." if status == 401 else "Too many attempts."  # noqa: PLR2004 - HTTP
    return Answer(status, msgspec.json.encode({"message": message}))


def _read(raw: bytes) -> tuple[dict[str, Any], frozenset[str]]:
    try:
        value, flags = parse(raw)
    except Unreadable:
        return {}, frozenset()
    return mapping(value), flags


def _key_of(body: dict[str, Any]) -> str:
    key = body.get(_KEY)
    return key if isinstance(key, str) else ""


def _columns(columns: list[Any], source: Source) -> tuple[Sorted, tuple[str, ...]]:
    """Our fields, everything else by its column's id, and what Google has verified."""
    said: dict[str, str] = {}
    for column in columns:
        name, text = mapping(column).get("column_id"), mapping(column).get("string_value")
        if isinstance(name, str) and name and text not in (None, ""):
            said.setdefault(name, str(text) if isinstance(text, str) else text_of(text))
    mapped = {theirs: name for name, theirs in source.fields.items() if theirs in said}
    common = {t: n for t, n in _OURS.items() if t not in mapped and n not in mapped.values()}
    ours = mapped | common
    fields: dict[str, str] = {}
    used: dict[str, str] = {}
    for theirs, name in ours.items():
        if theirs in said and name not in fields:
            fields[name], used[theirs] = said[theirs], name
    proven = ("phone",) if used.get("PHONE_NUMBER_VERIFIED") == "phone" else ()
    rest = {name: text for name, text in said.items() if name not in used}
    filled = [(name, theirs, said[theirs]) for theirs, name in ours.items() if theirs in said]
    return Sorted(fields, rest, candidates_of(filled)), proven


GOOGLE_ADS: Final = Kind("google-ads", prove, parse_lead, has_forms=True, refusal=refuse)
