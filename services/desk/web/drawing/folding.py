"""Long texts, of which a page shows the beginning until somebody asks for the whole."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 400
"""Characters that are shown as they are: half a screen of a phone."""
BEGUN: Final = 280
"""Characters of what is longer."""
LINES: Final = 8
_LOOKED_BACK: Final = 40


def beginning(text: str) -> str | None:
    """What a long text begins with, up to a word's end where there is one; None: show it whole."""
    lines = text.split("\n", LINES)
    if len(text) <= LONGEST and len(lines) <= LINES:
        return None
    begun = "\n".join(lines[:LINES])
    if len(begun) <= BEGUN:
        return begun.rstrip()
    end = BEGUN
    while end and (unicodedata.combining(begun[end]) or begun[end] == "\u200d"):
        end -= 1  # a mark belongs to the letter before it
    cut = begun[: end or BEGUN]
    words = cut[:-_LOOKED_BACK] + cut[-_LOOKED_BACK:].rpartition(" ")[0]
    return (words if len(words) > len(cut) - _LOOKED_BACK else cut).rstrip()
