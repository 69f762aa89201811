"""The phone, e-mail and name in what somebody typed into a chat, in Persian and English.

Pure. It only reads: what it finds was said, not proven, and anybody can say anything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from services.capture.reading.said_name import family_in, name_in
from services.capture.reading.said_phone import phone_in

LONGEST: Final = 4000
"""Characters of a message that are read: who introduces themselves does it near the start."""
_ALIKE: Final = str.maketrans(
    "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩０１２３４５６７８９＋＠يىكةۀآأإٱ‐‑‒–—−",
    "0123456789" * 3 + "+@ییکههاااا------",
)
_UNSEEN: Final = dict.fromkeys(
    map(ord, "\t\xa0\xad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u202f"
        "\u2066\u2067\u2068\u2069\ufeff"),
    " ",
)  # fmt: skip
_SAME_LENGTH: Final = _ALIKE | _UNSEEN
"""One character for one, so that what is found in the folded text is cut out of the typed one."""
_EMAIL: Final = re.compile(
    r"(?<![\w.%+'-])([a-z0-9_%+-](?:[a-z0-9._%+'-]{0,62}[a-z0-9_%+-])?"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z]{2,24})(?![a-z0-9@-])",
    re.IGNORECASE,
)
_YOURS: Final = re.compile(
    r"(?:ایمیل(?:ی که)?|نشانی|ادرس) ?(?:شما|تون|تان)[^\n@]{0,12}?$"
    r"|\byour (?:e-?mail|address|mail)\b[^\n@]{0,16}?$",
    re.IGNORECASE,
)
NAMES: Final = {"name": None, "first_name": None, "last_name": None}.keys()
"""In the order in which they are read."""


class Known(NamedTuple):
    """The fields of a message, with what its words say."""

    fields: dict[str, str]
    is_typed: bool
    """Whether a typed name took the place of a nickname, be it the same."""


def said(text: str) -> dict[str, str]:
    """What is found, by our fields: `phone` as it was typed, `email`, `name`. Never fails."""
    typed = text[:LONGEST]
    folded = typed.translate(_SAME_LENGTH)
    found: dict[str, str] = {}
    phone = phone_in(folded)
    if phone:
        found["phone"] = typed[phone].strip()
    if email := _email_in(folded):
        found["email"] = email
    if name := name_in(folded, phone):
        family = family_in(folded, name)
        parts = (typed[part].strip() for part in (name, family) if part)
        found["name"] = " ".join(parts)
    return found


def with_said(fields: Mapping[str, str], nicknames: Collection[str] = frozenset()) -> Known:
    """The fields, and from their message those contacts and the name that they lack.

    `nicknames` are those of the fields whose name gives way to a typed one.
    """
    found = said(fields.get("message", ""))
    named = NAMES & fields.keys()
    if named and "name" in found:
        if named <= set(nicknames):
            others = {ours: text for ours, text in fields.items() if ours not in named}
            return Known(found | others, is_typed=True)
        del found["name"]
    return Known(found | dict(fields), is_typed=False)


def _email_in(folded: str) -> str | None:
    """The first that is not called the reader's own."""
    for found in _EMAIL.finditer(folded):
        if not _YOURS.search(folded[max(0, found.start() - 40) : found.start()]):
            return found[1]
    return None
