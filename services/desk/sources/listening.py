"""What a source sent, taken apart for whoever picks its fields: pure, bounded, as the door reads.

Only generic kinds are mapped by paths; the fields of platforms are known by their names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Literal, NamedTuple

from libs.common.bodies import Unreadable
from libs.common.bodies.anything import read_anything
from libs.common.normal.names import CONTACTS, text_of
from libs.common.normal.nested import is_enveloped, sort_out_nested

PICKED: Final = ("json", "standard", "cloudevents")
"""Kinds whose `fields` are paths."""
MOST_LEAVES: Final = 200
DEEPEST: Final = 20
"""Levels that are taken apart; what lies deeper is named, and not shown."""
LONGEST: Final = 200
"""Characters shown of a value."""
LONGEST_NAME: Final = 80
MOST_BYTES: Final = 256 * 1024
"""Of a body that is taken apart."""
_MARK: Final = "\x00"
"""No text of a body begins with it: control characters are taken out where it is read."""

Outcome = Literal["reachable", "activity", "held"]


class Leaf(NamedTuple):
    """A value with nothing below it."""

    above: str
    """The names over its own, each with its dot."""
    name: str
    text: str
    is_cut: bool
    path: str | None
    """By which `fields` can name it; None where nothing can."""
    guess: str | None
    """Which of ours the door takes it for now."""


class Taken(NamedTuple):
    """A body taken apart."""

    leaves: tuple[Leaf, ...]
    has_more: bool


class Reading(NamedTuple):
    """How the door would read a body."""

    fields: tuple[tuple[str, str], ...]
    outcome: Outcome


def opened(kind: str, raw: bytes, content_type: str) -> tuple[Any, frozenset[str]] | None:
    """What `fields` are looked for in, and what was repaired; None for what nobody can read."""
    try:
        value, flags = read_anything(raw, content_type if kind != "standard" else "")
    except Unreadable:
        return None
    if kind == "cloudevents" and isinstance(value, dict) and "specversion" not in value:
        value = {"data": value}  # its attributes came as headers
    return value, flags


def take_apart(kind: str, value: Any, fields: Mapping[str, str]) -> Taken:
    """Its leaves in their order, with what the door takes each for under these `fields`."""
    walked = _walk(value, ())
    found = list(islice(walked, MOST_LEAVES))
    guesses: dict[str, str] = {}
    if kind in PICKED and isinstance(value, dict):
        places = {names: place for place, (names, _leaf) in enumerate(found)}
        marked = sort_out_nested(_marked(value, (), places), fields).fields
        guesses = {mark: ours for ours, mark in marked.items()}
    leaves = tuple(
        _leaf(names, leaf, _path(value, names), guesses.get(f"{_MARK}{place}"))
        for place, (names, leaf) in enumerate(found)
    )
    return Taken(leaves, next(walked, None) is not None)


def reading(kind: str, value: Any, flags: frozenset[str], fields: Mapping[str, str]) -> Reading:
    """What the door would make of it under these `fields`."""
    whole = value if isinstance(value, dict) else {}
    found = sort_out_nested(whole, fields).fields
    unfamiliar = not found and (kind == "json" or not is_enveloped(whole))
    outcome: Outcome = "reachable" if any(name in found for name in CONTACTS) else "activity"
    if unfamiliar or "duplicate_keys" in flags:
        outcome = "held"
    return Reading(tuple((ours, _shown(text, LONGEST)[0]) for ours, text in found.items()), outcome)


def pickable(leaves: Iterable[Leaf]) -> list[Leaf]:
    """Those that `fields` can name."""
    return [leaf for leaf in leaves if leaf.path is not None]


def picked(leaves: Sequence[Leaf], choices: Sequence[str]) -> dict[str, str] | None:
    """The `fields` as picked, one choice for each pickable leaf; None: one of ours came twice."""
    found: dict[str, str] = {}
    for leaf, ours in zip(pickable(leaves), choices, strict=False):
        if ours and ours in found:
            return None
        if ours:
            found[ours] = leaf.path or ""
    return found


def printable(text: str) -> str:
    """Without what could turn a line round or hide in it."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def _walk(value: Any, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not value or not isinstance(value, dict | list) or len(names) >= DEEPEST:
        yield names, value
        return
    for name, item in _inner(value):
        yield from _walk(item, (*names, name))


def _inner(value: dict[str, Any] | list[Any]) -> Iterable[tuple[str, Any]]:
    if isinstance(value, dict):
        return value.items()
    return ((str(place), item) for place, item in enumerate(value))


def _path(whole: Any, names: tuple[str, ...]) -> str | None:
    """As `at_path` finds it: a name with a dot in it only at the top, and what it hides not."""
    dotted = ".".join(names)
    if not isinstance(whole, dict) or not dotted:
        return None
    if dotted in whole:
        return dotted if len(names) == 1 else None
    return None if any("." in name for name in names) else dotted


def _marked(value: Any, names: tuple[str, ...], places: Mapping[tuple[str, ...], int]) -> Any:
    """The same, with the place of each leaf instead of its text: what is read says whence."""
    if names in places:
        return f"{_MARK}{places[names]}" if text_of(value) else value
    if not isinstance(value, dict | list):
        return value
    inner = {name: _marked(item, (*names, name), places) for name, item in _inner(value)}
    return inner if isinstance(value, dict) else list(inner.values())


def _leaf(names: tuple[str, ...], value: Any, path: str | None, guess: str | None) -> Leaf:
    is_text = isinstance(value, str | int | float) and not isinstance(value, bool)
    text, is_cut = _shown(_spelled(value), LONGEST)
    *above, own = (_shown(name, LONGEST_NAME)[0] for name in names or ("",))
    return Leaf(
        "".join(f"{name}." for name in above),
        own,
        text,
        is_cut,
        path if is_text or value is None else None,
        guess,
    )


def _spelled(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        below = "…" if value else ""
        return f"{{{below}}}" if isinstance(value, dict) else f"[{below}]"
    return json.dumps(value)


def _shown(text: str, most: int) -> tuple[str, bool]:
    return printable(text[:most]) + ("…" if len(text) > most else ""), len(text) > most
