"""Which field of theirs is which of ours, as the door reads it: the names that imports know too."""

from __future__ import annotations

from libs.common.normal.names import (
    CHOSEN,
    COMMON,
    CONTACTS,
    LONGEST_CANDIDATE,
    MOST_CANDIDATES,
    NONE,
    Sorted,
    at_path,
    candidates_of,
    folded,
    ours_of,
    sort_out,
    text_of,
)

__all__ = (
    "CHOSEN",
    "COMMON",
    "CONTACTS",
    "LONGEST_CANDIDATE",
    "MOST_CANDIDATES",
    "NONE",
    "Sorted",
    "at_path",
    "candidates_of",
    "folded",
    "ours_of",
    "sort_out",
    "text_of",
)
