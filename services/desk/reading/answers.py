"""What a form asked beyond the known fields, as a person can read it: text, within bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

MOST: Final = 40
"""Answers shown; all of them are in the API."""
LONGEST: Final = 1000
"""Characters shown of one."""
_MOST_PARTS: Final = 50
_DEEPEST: Final = 4


def answers(extra: Mapping[str, Any]) -> dict[str, str]:
    """Each as text by the name it came with; what is empty, or ours (_ before it), is left out."""
    found: dict[str, str] = {}
    for name, value in extra.items():
        if len(found) == MOST:
            break
        if not name.startswith("_") and (shown := readable(value)):
            found[name] = shown
    return found


def readable(value: Any) -> str:
    """One answer in one line, the same in both languages; empty where nothing was said."""
    shown = "، ".join(_parts(value, [_MOST_PARTS], _DEEPEST))
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def _parts(value: Any, left: list[int], depth: int) -> Iterator[str]:
    """The values in it, depth first, until so many are told."""
    if left[0] <= 0 or depth < 0:
        return
    if isinstance(value, Mapping):
        for name, one in value.items():
            if inner := "، ".join(_parts(one, left, depth - 1)):
                yield f"{name}: {inner}"
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _parts(one, left, depth - 1)
    elif shown := _plain(value):
        left[0] -= 1
        yield shown


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return "" if value is None else str(value).strip()
