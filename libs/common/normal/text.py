"""Text as people typed it, repaired; and the folded form that only matching looks at."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_DIGITS: Final = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_PERSIAN: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_LETTERS: Final = str.maketrans("يىئكةۀەھأإٱآؤ", "ییئکهههه" + "اااا" + "و")
_ALIKE: Final = {chr(one): chr(other) for one, other in (_DIGITS | _LETTERS).items()}
# Harakat, superscript alef and the combining hamza and madda; tatweel; invisible joiners.
_UNSEEN: Final = re.compile(
    "[\u0610-\u061a\u064b-\u065f\u0670\u0640\u200b-\u200f\u2060\ufeff\u00ad]"
)
_ALIKE_IN: Final = re.compile(f"[{''.join(_ALIKE)}]")
# What is folded already however it stands together: ASCII without capitals, and Persian letters.
_SETTLED: Final = re.compile(
    "[\t\n -@\\[-~"
    "\u0621\u0626-\u0628\u062a-\u063a\u0641\u0642\u0644-\u0648\u067e\u0686\u0698\u06a9\u06af\u06cc]*"
)
_LINES: Final = re.compile(r"\r\n?|[\u2028\u2029\x85]")
# Control characters but tab and line feed, lone surrogates, non-characters, the byte order mark,
# and the embeddings and overrides that turn round the line in which they are shown.
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ufeff"
    "\u202a-\u202e\u2066-\u2069]"
)


def clean(text: str) -> str:
    """The text as people see it: NFC, with what is no text taken out; safe for Postgres."""
    if text.isprintable():  # so nothing in it is a control character, a surrogate or a mark
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", _UNWANTED.sub("", _LINES.sub("\n", text)))


def is_clean(text: str) -> bool:
    """Whether `clean` leaves the text as it is, without making another."""
    # of all that is not printable only the joiner is common: Persian is full of it
    is_shown = text.isprintable() or text.replace("\u200c", "").isprintable()
    if not is_shown and (_UNWANTED.search(text) or _LINES.search(text)):
        return False
    return text.isascii() or unicodedata.is_normalized("NFC", text)


def digits(text: str) -> str:
    """The text with Persian and Arabic digits as 0-9."""
    return text.translate(_DIGITS)


def persian(value: object) -> str:
    """The value with Persian digits, for Persian sentences."""
    return str(value).translate(_PERSIAN)


def fold(text: str) -> str:
    """The form in which two spellings of one word are equal; for matching, never for showing.

    Yeh, kaf, heh and alef in one form each, both digit sets as 0-9, no vowel signs, tatweel or
    zero-width characters, no case, single spaces.
    """
    if text.isascii():  # no form of it has another form
        return " ".join(_shown(text).lower().split())
    folded = _shown(text)  # first: what stands between a letter and its mark parts them
    for _ in range(4):  # composing after a removal can bring a form that folds once more
        if _SETTLED.fullmatch(folded):
            break
        before = folded
        folded = _UNSEEN.sub("", unicodedata.normalize("NFKC", folded).casefold())
        for letter in set(_ALIKE_IN.findall(folded)):  # a few, where `translate` asks of each
            folded = folded.replace(letter, _ALIKE[letter])
        folded = unicodedata.normalize("NFKC", folded)
        if folded == before:
            break
    return " ".join(folded.split())


def _shown(text: str) -> str:
    """Without what is never shown; most text has none of it."""
    return text if text.isprintable() else _UNWANTED.sub("", text)
