"""Reads a held delivery again by the mapping of now: whoever releases it has often set one since.

Only which field is which is read anew; all else stays as it came through the door.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import structs

from libs.common.bodies import Unreadable
from libs.common.bodies.anything import read_anything
from libs.common.configuration.schema import Source
from libs.common.events import LeadCaptured
from libs.common.normal.names import Sorted, at_path, text_of
from libs.common.normal.nested import sort_out_nested
from services.enrichment.steps.text import tidy

GENERIC: Final = frozenset({"json", "standard", "cloudevents"})
"""Kinds of which common names count as well; of others only what `fields` name."""

_NAMES: Final = frozenset({"name", "first_name", "last_name"})


def reread(captured: LeadCaptured, raw: bytes, source: Source | None) -> LeadCaptured:
    """The same with the fields that the source's `fields` find in its raw body, if any."""
    if source is None or not source.fields or source.kind != captured.source_kind:
        return captured
    whole = _whole(captured, raw)
    found = _fields(whole, source) if whole else None
    if found is None or not found.fields:
        return captured
    return tidy(
        structs.replace(
            captured,
            fields=captured.fields | found.fields,
            candidates={
                ours: each
                for ours, each in (captured.candidates | found.candidates).items()
                if ours not in found.fields or ours in found.candidates
            },
            # the platform vouched for what it gave, and for nothing that a mapping finds
            proven=tuple(ours for ours in captured.proven if ours not in found.fields),
            nickname=captured.nickname and not _NAMES & found.fields.keys(),
        )
    ).captured


def _whole(captured: LeadCaptured, raw: bytes) -> dict[str, Any]:
    """The body as the door looks into it; empty where it is none that has names."""
    try:
        value, _ = read_anything(raw, captured.content_type)
    except Unreadable:
        return {}
    if captured.source_kind == "cloudevents" and isinstance(value, dict):
        return value if "specversion" in value else {"data": value}  # attributes came as headers
    return value if isinstance(value, dict) else {}


def _fields(whole: dict[str, Any], source: Source) -> Sorted:
    if source.kind in GENERIC:
        found = sort_out_nested(whole, source.fields)
        named = _named(whole, source.fields)
        return found if named else found._replace(fields={})
    return Sorted(_named(whole, source.fields), {}, {})


def _named(whole: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, str]:
    """What the mapping itself finds."""
    found = {ours: text_of(at_path(whole, path)) for ours, path in fields.items()}
    return {ours: text for ours, text in found.items() if text}
