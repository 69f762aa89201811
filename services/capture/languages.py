"""Which of the two languages somebody reads."""

from __future__ import annotations

from typing import Literal

Language = Literal["fa", "en"]


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


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
