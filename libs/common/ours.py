"""Names of activities that only the system itself says, whoever spells them how.

Capture refuses them from outside; whoever reads activities believes none of a visitor's.
"""

from __future__ import annotations

import re
from typing import Final

VISITOR: Final = "visitor"
"""The actor of an activity that a visitor did."""
SCANNED: Final = "qr_scan"
"""What a visitor did, and only capture can know of."""

_FIRST: Final = frozenset(
    {"staff", "timer", "submission", "source", "form", "person", "lead", "desk", "system"}
)
"""Before a dot: what staff, clocks and the system itself say."""
_SPELT: Final = frozenset({"staff", "timer", "submission", "source", "system"})
"""Those that no other spelling may imitate either: staff_accepted reads as staff's to people."""
_ALONE: Final = frozenset({"qrscan", "formmisaddressed"})
"""Whole names, without the marks between their words."""
_BETWEEN: Final = re.compile(r"[^a-z0-9]+")


def is_ours(name: str) -> bool:
    """Whether it is said by the system only, in whatever spelling."""
    plain = name.strip().lower()
    words = [word for word in _BETWEEN.split(plain) if word]
    first = "".join(_BETWEEN.split(plain.partition(".")[0]))
    is_spelt = bool(words) and words[0] in _SPELT
    return first in _FIRST or is_spelt or "".join(words) in _ALONE


def is_forged(name: str, actor: str) -> bool:
    """Whether a visitor's activity calls itself one of the system's."""
    return actor == VISITOR and name != SCANNED and is_ours(name)
