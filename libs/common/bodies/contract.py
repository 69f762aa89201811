"""What every reader of bodies gives: names with values, and what had to be repaired."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

MOST_FIELDS: Final = 1000


class Unreadable(Exception):
    """The body is not what its content type says; the text may be shown to the sender."""


class Filled(NamedTuple):
    """A form as it was filled in. A name that came several times has a list."""

    values: dict[str, Any]
    flags: frozenset[str] = frozenset()
    """control_characters, surrogates, encoding, duplicate_keys."""


Reader = Callable[[bytes, str | None], Filled]
"""From the raw body and the content type's parameter (charset, boundary)."""


def gathered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Pairs as a mapping; a name that came several times has all its values, in order."""
    values: dict[str, Any] = {}
    several: set[str] = set()
    for name, value in pairs:
        if name not in values:
            values[name] = value
        elif name in several:
            values[name].append(value)
        else:
            values[name] = [values[name], value]
            several.add(name)
    return values
