"""Which of the two languages somebody reads."""

from __future__ import annotations

import re
from typing import Final, Literal

Language = Literal["fa", "en"]

_ARABIC_SCRIPT: Final = re.compile(r"[\u0620-\u064a\u066e-\u06d3]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_NO_WORD: Final = re.compile(r"\S*[@/]\S*|\bqr_\S+|\bsn_\S+", re.IGNORECASE)
"""Addresses and start codes: their letters say nothing of who typed them."""


def reader_language(accept: str, default: str) -> Language:
    """The first of ours by the preferences of Accept-Language (RFC 9110, 12.5.4)."""
    best: tuple[float, Language] | None = None
    for part in accept[:500].split(","):
        tag, _, weight = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        quality = _quality(weight)
        if quality <= 0:
            continue
        if primary == "fa" and (best is None or quality > best[0]):
            best = (quality, "fa")
        elif primary == "en" and (best is None or quality > best[0]):
            best = (quality, "en")
    if best is not None:
        return best[1]
    return "en" if default == "en" else "fa"


def chat_language(words: str, stated: str) -> Language:
    """In which language to answer somebody in a chat: as they write, else as their app is set.

    Persian where neither says so. Who writes Persian in Latin letters has a Persian app.
    """
    typed = _NO_WORD.sub(" ", words)
    if _ARABIC_SCRIPT.search(typed):
        return "fa"
    primary = re.split(r"[-_]", stated.strip().lower())[0]
    if primary:
        return "fa" if primary in {"fa", "persian", "farsi", "فارسی"} else "en"
    return "en" if _LATIN.search(typed) else "fa"


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
