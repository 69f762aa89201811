"""Which field of a nested object is which of ours: by their paths, else by common names inside.

So the door reads generic senders, and so the desk shows how it would.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from libs.common.normal.names import NONE, Sorted, at_path, sort_out, text_of

DEEPEST: Final = 3
"""Levels of mappings in which a common name is looked for."""


def is_enveloped(whole: Mapping[str, Any]) -> bool:
    """Whether it is a message of `type`, `timestamp` and `data`, and not the data alone."""
    return isinstance(whole.get("data"), dict)


def data_of(whole: dict[str, Any]) -> dict[str, Any]:
    """What the message is about."""
    data: dict[str, Any] = whole["data"] if is_enveloped(whole) else whole
    return data


def sort_out_nested(whole: dict[str, Any], mapping: Mapping[str, str]) -> Sorted:
    """Ours out of theirs: `mapping` is ours to a path in `whole`; common names count inside."""
    mapped = {ours: text_of(at_path(whole, path)) for ours, path in mapping.items()}
    fields, rest, candidates = sort_out(_leaves(data_of(whole)), NONE)
    candidates = {ours: each for ours, each in candidates.items() if not mapped.get(ours)}
    return Sorted(fields | {o: text for o, text in mapped.items() if text}, rest, candidates)


def _leaves(data: Mapping[str, Any], depth: int = 1) -> dict[str, Any]:
    """Names with values that are no mappings, the outer ones first."""
    leaves = {name: value for name, value in data.items() if not isinstance(value, dict)}
    if depth < DEEPEST:
        for inner in data.values():
            if isinstance(inner, dict):
                leaves = _leaves(inner, depth + 1) | leaves
    return leaves
