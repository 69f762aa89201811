"""Long texts, of which a page shows the beginning until somebody asks for the whole."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 600
"""Characters that are shown as they are; a screen of a phone."""
LINES: Final = 12
_LOOKED_BACK: Final = 40


def beginning(text: str) -> str | None:
    """What a long text begins with, up to a word's end where there is one; None: show it whole."""
    lines = text.split("\n", LINES)
    if len(text) <= LONGEST and len(lines) <= LINES:
        return None
    begun = "\n".join(lines[:LINES])
    if len(begun) <= LONGEST:
        return begun.rstrip()
    end = LONGEST
    while end and (unicodedata.combining(begun[end]) or begun[end] == "\u200d"):
        end -= 1  # a mark belongs to the letter before it
    cut = begun[: end or LONGEST]
    words = cut[:-_LOOKED_BACK] + cut[-_LOOKED_BACK:].rpartition(" ")[0]
    return (words if len(words) > len(cut) - _LOOKED_BACK else cut).rstrip()
