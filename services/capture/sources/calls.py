"""What telephone platforms have in common: who called, and how a call ended."""

from __future__ import annotations

import re
from typing import Any, Final

MISSED: Final = "missed"
ANSWERED: Final = "answered"
VOICEMAIL: Final = "voicemail"
ENDED: Final = "ended"
"""It is over, and whether a person answered nobody said."""

_PHONE: Final = re.compile(r"\+?\d{5,15}")
_HIDDEN: Final = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
"""ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE on a keypad."""


def phone_of(caller: Any) -> str | None:
    """The caller's number; None for who hides it, and for addresses that are none (SIP)."""
    text = caller.strip() if isinstance(caller, str) else ""
    hidden = f"+{text.removeprefix('+')}" in _HIDDEN
    return str(text) if _PHONE.fullmatch(text) and not hidden else None
