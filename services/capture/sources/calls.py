"""What telephone platforms have in common: who called."""

from __future__ import annotations

import re
from typing import Any, Final

_PHONE: Final = re.compile(r"\+?\d{5,15}")
_BETWEEN: Final = re.compile(r"[ ()-]")
_HIDDEN: Final = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
"""ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE on a keypad."""


def phone_of(caller: Any) -> str | None:
    """The caller's number; None for who hides it, and for addresses that are none (SIP)."""
    text = caller.strip() if isinstance(caller, str) else ""
    bare = _BETWEEN.sub("", text)
    hidden = f"+{bare.removeprefix('+')}" in _HIDDEN
    return str(text) if _PHONE.fullmatch(bare) and not hidden else None
