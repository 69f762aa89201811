"""Lengths of time as people say them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from libs.common.normal.text import persian

_MINUTE: Final = timedelta(minutes=1)
_UNITS: Final = (
    (timedelta(days=1), "روز", "d"),
    (timedelta(hours=1), "ساعت", "h"),
    (_MINUTE, "دقیقه", "min"),
)


def span(length: timedelta, language: str) -> str:
    """The two largest units: «۲ ساعت و ۵ دقیقه», `2 h 5 min`; less than a minute is one."""
    left, said = max(length, _MINUTE), []
    for unit, fa, en in _UNITS:
        count = left // unit
        left -= count * unit
        if count:
            said.append(f"{persian(count)} {fa}" if language == "fa" else f"{count} {en}")
        elif said:
            break
    return (" و " if language == "fa" else " ").join(said[:2])


def rhythm(pause: timedelta, language: str) -> str:
    """How often something comes with such pauses: «هر ۲ ساعت», `every 2 h`."""
    if pause < _MINUTE:
        return "چند بار در دقیقه" if language == "fa" else "several times a minute"
    return f"هر {span(pause, language)}" if language == "fa" else f"every {span(pause, language)}"
