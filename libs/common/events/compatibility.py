"""Whether services of two versions can read each other's events: two schemas compared.

Both ways matter: a rolling restart has old readers of new records, a replay new readers of old
ones. So a field may be added with a default, and nothing else may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]
_ABSENT: Final = object()
_WORDS: Final = ("title", "description", "$schema")


def breaks(old: Schema, new: Schema) -> list[str]:
    """What the change from `old` to `new` breaks, each with the field's path."""
    return _compare(old, new, (old, new), "")


def _compare(old: Schema, new: Schema, whole: tuple[Schema, Schema], at: str) -> list[str]:
    one, other = _resolved(old, whole[0]), _resolved(new, whole[1])
    problems = _defaults(old, new, at)
    if "properties" in one and "properties" in other:
        return [*problems, *_objects(one, other, whole, at)]
    if "anyOf" in one and "anyOf" in other and len(one["anyOf"]) == len(other["anyOf"]):
        for a, b in zip(one["anyOf"], other["anyOf"], strict=True):
            problems += _compare(a, b, whole, at)
        return problems
    for inner, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(one.get(inner), Mapping) and isinstance(other.get(inner), Mapping):
            problems += _compare(one[inner], other[inner], whole, at + mark)
            one, other = _without(one, inner), _without(other, inner)
    if _said(one) != _said(other):
        problems.append(f"{at}: its type changed")
    return problems


def _objects(one: Schema, other: Schema, whole: tuple[Schema, Schema], at: str) -> list[str]:
    before, after = one["properties"], other["properties"]
    was, now = set(one.get("required", ())), set(other.get("required", ()))
    problems = [f"{at}.{name}: removed" for name in before if name not in after]
    problems += [f"{at}.{name}: required, old records lack it" for name in sorted(now - was)]
    problems += [
        f"{at}.{name}: no longer required, old readers need it"
        for name in sorted((was - now) & set(after))
    ]
    for name in before:
        if name in after:
            problems += _compare(before[name], after[name], whole, f"{at}.{name}")
    return problems


def _defaults(old: Schema, new: Schema, at: str) -> list[str]:
    """A default is left out of records, so a changed one changes what old records say."""
    if old.get("default", _ABSENT) == new.get("default", _ABSENT):
        return []
    return [f"{at}: its default changed"]


def _resolved(schema: Schema, whole: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Schema = whole["$defs"][str(reference).rpartition("/")[2]]
    return found


def _without(schema: Schema, name: str) -> Schema:
    return {key: value for key, value in schema.items() if key != name}


def _said(schema: Schema) -> dict[str, Any]:
    found = {key: value for key, value in schema.items() if key not in (*_WORDS, "default")}
    if "enum" in found:
        found["enum"] = sorted(found["enum"])
    return found
