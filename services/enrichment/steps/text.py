"""Text that can be stored, shown and sent on: repaired, and of bounded length."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from libs.common.events import LeadCaptured
from libs.common.normal.text import clean
from services.enrichment.draft import Draft

LONGEST_MESSAGE: Final = 10_000
LONGEST_FIELD: Final = 2_000
LONGEST_NAME: Final = 200
LARGEST_EXTRA: Final = 64 * 1024
"""Bytes of JSON that all other fields may take together; the raw body is kept whole."""

_ENCODER: Final = msgspec.json.Encoder()
_ESCAPED: Final = re.compile(r"\\[bfru]")
"""What JSON would hide from a look at the whole: all control characters but tab and line feed."""
_OURS: Final = frozenset(
    {"name", "first_name", "last_name", "phone", "email", "handle", "company", "message"}
    | {"language", "consent", "page_url", "visitor_id"}
)


def tidy(captured: LeadCaptured) -> LeadCaptured:
    """The same without its raw bytes, with every text of it clean: what Postgres can keep."""
    bare = msgspec.structs.replace(captured, raw=b"")
    if _is_clean(bare):
        return bare
    return msgspec.convert(_cleaned(msgspec.to_builtins(bare)), LeadCaptured)


def _is_clean(captured: LeadCaptured) -> bool:
    """Whether all of its text is, at one look: what is normal is so in every part of it.

    https://www.unicode.org/reports/tr15/#Concatenation
    """
    try:
        written = _ENCODER.encode(captured).decode()
    except UnicodeEncodeError:
        return False
    return not _ESCAPED.search(written) and clean(written) == written


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
    limits = dict.fromkeys(captured.fields, LONGEST_FIELD) | {"message": LONGEST_MESSAGE}
    fields = {name: text[: limits[name]] for name, text in captured.fields.items()}
    others = {name: text for name, text in fields.items() if name not in _OURS}
    extra, dropped = within(captured.extra | others, LARGEST_EXTRA)
    consent, refused = within({"consent": captured.consent}, LONGEST_MESSAGE)
    attribution, lost = within(_shortened(captured.attribution), LARGEST_EXTRA)
    draft = msgspec.structs.replace(
        draft,
        captured=msgspec.structs.replace(captured, fields=fields),
        attribution=msgspec.convert(attribution, type(captured.attribution)),
    ).having(
        company=fields.get("company", "").strip()[:LONGEST_NAME] or None,
        message=fields.get("message", "").strip() or None,
        consent=consent.get("consent"),
        extra=extra,
    )
    cut = [name for name, text in captured.fields.items() if len(text) > limits[name]]
    if cut or dropped or refused or lost:
        return draft.noting(
            "text_cut",
            "بخشی از متن بسیار بلند بود و اینجا کوتاه شد؛ اصل آن نگه داشته شده است.",
            "Some of the text was very long and is shortened here; the original is kept.",
            fields=cut[:20],
            left_out=len(dropped) + len(refused) + len(lost),
        )
    return draft


def _shortened(attribution: msgspec.Struct) -> dict[str, Any]:
    """The attribution's texts, each of bounded length."""
    return {
        name: {k[:LONGEST_NAME]: v[:LONGEST_FIELD] for k, v in list(value.items())[:50]}
        if isinstance(value, dict)
        else value[:LONGEST_FIELD]
        for name, value in msgspec.to_builtins(attribution).items()
        if value is not None
    }


def within(values: dict[str, Any], budget: int) -> tuple[dict[str, Any], list[str]]:
    """Those that fit into so many bytes of JSON, in their order, and the names of the others."""
    kept: dict[str, Any] = {}
    dropped: list[str] = []
    for name, value in values.items():
        size = len(msgspec.json.encode({name: value}))
        if size <= budget:
            budget -= size
            kept[name] = value
        else:
            dropped.append(name)
    return kept, dropped
