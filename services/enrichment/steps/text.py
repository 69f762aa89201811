"""Text that can be stored, shown and sent on: repaired, and of bounded length."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import msgspec

from libs.common.events import Attribution, LeadCaptured
from libs.common.normal.text import clean, is_clean
from services.enrichment.draft import Draft

LONGEST_MESSAGE: Final = 10_000
LONGEST_FIELD: Final = 2_000
LONGEST_NAME: Final = 200
MOST_NAMES: Final = 50
"""Of campaign parameters, click ids and facts of an advertisement, each."""
LARGEST_EXTRA: Final = 64 * 1024
"""Bytes of JSON that all other fields may take together; the raw body is kept whole."""

_ENCODER: Final = msgspec.json.Encoder()
_ESCAPED: Final = re.compile(r"\\[bfru]")
"""What JSON would hide from a look at the whole: all control characters but tab and line feed."""
_OURS: Final = frozenset(
    {"name", "first_name", "last_name", "phone", "email", "handle", "company", "message"}
    | {"language", "consent", "page_url", "visitor_id"}
)


class Tidy(NamedTuple):
    """A submission that Postgres can keep, and the JSON that it keeps of it."""

    captured: LeadCaptured
    written: str


def tidy(captured: LeadCaptured) -> Tidy:
    """The same without its raw bytes, with every text of it clean."""
    bare = msgspec.structs.replace(captured, raw=b"")
    written = _clean_json(bare)
    if written is not None:
        return Tidy(bare, written)
    cleaned = msgspec.convert(_cleaned(msgspec.to_builtins(bare)), LeadCaptured)
    return Tidy(cleaned, _ENCODER.encode(cleaned).decode())


def _clean_json(captured: LeadCaptured) -> str | None:
    """Its JSON if all of its text is clean, at one look: what is normal is so in every part of it.

    https://www.unicode.org/reports/tr15/#Concatenation
    """
    try:
        written = _ENCODER.encode(captured).decode()
    except UnicodeEncodeError:
        return None
    return written if is_clean(written) and not _ESCAPED.search(written) else None


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(name)): _cleaned(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    return value


def repair_text(draft: Draft, _country: str) -> Draft:
    """Cut what is too long to carry along, and sort the fields into ours and the others."""
    captured = draft.captured
    cut = [name for name, text in captured.fields.items() if len(text) > _limit(name)]
    fields = captured.fields
    if cut:
        fields = {name: text[: _limit(name)] for name, text in fields.items()}
        captured = msgspec.structs.replace(captured, fields=fields)
    others = {name: text for name, text in fields.items() if name not in _OURS}
    extra, dropped = within(captured.extra | others, LARGEST_EXTRA)
    consent, refused = {"consent": captured.consent}, list[str]()
    if captured.consent is not None:
        consent, refused = within(consent, LONGEST_MESSAGE)
    attribution, lost = _bounded(captured.attribution)
    draft = msgspec.structs.replace(
        draft,
        captured=captured,
        attribution=attribution,
        contact=msgspec.structs.replace(
            draft.contact,
            company=fields.get("company", "").strip()[:LONGEST_NAME] or None,
            message=fields.get("message", "").strip() or None,
            consent=consent.get("consent"),
            extra=extra,
        ),
    )
    if cut or dropped or refused or lost:
        return draft.noting(
            "text_cut",
            "بخشی از متن بسیار بلند بود و اینجا کوتاه شد؛ اصل آن نگه داشته شده است.",
            "Some of the text was very long and is shortened here; the original is kept.",
            fields=cut[:20],
            left_out=len(dropped) + len(refused) + len(lost),
        )
    return draft


def _limit(name: str) -> int:
    return LONGEST_MESSAGE if name == "message" else LONGEST_FIELD


def _bounded(attribution: Attribution) -> tuple[Attribution, list[str]]:
    """The attribution with its texts of bounded length, and the names of what is left out."""
    if len(_ENCODER.encode(attribution)) <= LONGEST_FIELD:  # so is each of its texts
        given = (attribution.utm, attribution.click_ids, attribution.ad)
        longest = max((len(name) for each in given for name in each), default=0)
        if longest <= LONGEST_NAME and all(len(each) <= MOST_NAMES for each in given):
            return attribution, []
    kept, lost = within(_shortened(attribution), LARGEST_EXTRA)
    return msgspec.convert(kept, Attribution), lost


def _shortened(attribution: Attribution) -> dict[str, Any]:
    return {
        name: {k[:LONGEST_NAME]: v[:LONGEST_FIELD] for k, v in list(value.items())[:MOST_NAMES]}
        if isinstance(value, dict)
        else value[:LONGEST_FIELD]
        for name, value in msgspec.to_builtins(attribution).items()
        if value is not None
    }


def within(values: dict[str, Any], budget: int) -> tuple[dict[str, Any], list[str]]:
    """Those that fit into so many bytes of JSON, in their order, and the names of the others."""
    # each alone has two braces, of which all together share one pair, and no comma
    if len(_ENCODER.encode(values)) + len(values) - 1 <= budget:
        return values, []
    kept: dict[str, Any] = {}
    dropped: list[str] = []
    for name, value in values.items():
        size = len(_ENCODER.encode({name: value}))
        if size <= budget:
            budget -= size
            kept[name] = value
        else:
            dropped.append(name)
    return kept, dropped
