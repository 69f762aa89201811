"""Why a submission is held without content, in the words that several services share."""

from __future__ import annotations

from typing import Final

UNREADABLE: Final = "unreadable_at_platform"
EXPIRED: Final = "expired_at_platform"
CONTENTLESS: Final = frozenset({UNREADABLE, EXPIRED})
"""There is nobody in it to be followed up, until its platform gives out what it says."""
