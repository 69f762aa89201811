"""In which language to call somebody back."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from libs.common.normal.text import fold
from services.enrichment.draft import Draft

_NAMES: Final = {
    "persian": "fa",
    "farsi": "fa",
    "فارسی": "fa",
    "english": "en",
    "انگلیسی": "en",
    "arabic": "ar",
    "عربی": "ar",
    "turkish": "tr",
    "ترکی": "tr",
}
_TAG: Final = re.compile(r"([a-z]{2,3})(?:[-_][a-z]{4})?(?:[-_]([a-z]{2}))?(?:[-_;].*)?", re.I)  # noqa: FURB167 - shown short
_ARABIC_SCRIPT: Final = re.compile(r"[\u0620-\u064a\u066e-\u06d3]")
_PERSIAN_LETTERS: Final = re.compile(r"[پچژگکی]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_OTHERS_IN_ARABIC_SCRIPT: Final = frozenset({"ar", "ur", "ckb", "ps", "ug", "sd"})


class Accepted(NamedTuple):
    """The language and region that a browser asks for first."""

    language: str | None = None
    region: str | None = None


def accepted(header: str | None) -> Accepted:
    """What an Accept-Language header wants most, by its order; the first region named."""
    return _accepted(header[:500]) if header else Accepted()


@lru_cache(maxsize=256)
def _accepted(header: str) -> Accepted:
    language = region = None
    for part in header.split(","):
        if found := _TAG.fullmatch(part.strip()):
            language = language or found[1].lower()
            region = region or (found[2].upper() if found[2] else None)
    return Accepted(language, region)


def find_language(draft: Draft, _country: str) -> Draft:
    """Take the field; else what the text is written in; else what the browser asks for.

    Persian text comes before the browser: many who write Persian have an English browser.
    """
    browser = accepted(draft.captured.client.accept_language).language
    text = f"{draft.contact.message or ''} {draft.contact.name or ''}"
    stated = _stated(draft.field("language"))
    language = stated or _written(text, browser) or browser
    if language is None and _LATIN.search(draft.contact.message or ""):
        language = "en"
    if language is None:
        return draft
    draft = draft.having(language=language)
    if stated:
        return draft
    return draft.noting(
        "language_guessed",
        "زبان از روی نوشته یا مرورگر حدس زده شد.",
        "The language was guessed from the text or the browser.",
        language=language,
    )


def _stated(field: str) -> str | None:
    if not field:
        return None
    if known := _NAMES.get(fold(field)):
        return known
    found = _TAG.fullmatch(field)
    return found[1].lower() if found else None


def _written(text: str, browser: str | None) -> str | None:
    """Of text mostly in Arabic script: Persian, unless the browser and no letter speak against."""
    if not _ARABIC_SCRIPT.search(text):
        return None
    if _LATIN.search(text) and len(_ARABIC_SCRIPT.findall(text)) < len(_LATIN.findall(text)):
        return None
    if browser in _OTHERS_IN_ARABIC_SCRIPT and not _PERSIAN_LETTERS.search(text):
        return browser
    return "fa"
