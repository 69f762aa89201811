"""What somebody asks for, read from their own words and from the page they wrote on.

«قیمت»، «دمو» and «تماس بگیرید» make a lead sales-qualified, so the words are few and plain:
a false one sends a specialist to somebody who only wanted to read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from libs.common.normal.text import fold

Ask = Literal["price", "demo", "call"]

_NOT: Final = r"(?<!don't )(?<!dont )(?<!do not )(?<!not )(?<!never )"
_WORDS: Final[dict[Ask, tuple[str, ...]]] = {
    "price": (
        "قیمت",
        "تعرفه",
        "هزینه",
        "پیش ?فاکتور",
        "استعلام",
        "نرخ روز",
        "چنده",
        "چقدر می ?ش",
        r"prices?\b",
        r"pricing\b",
        r"price list\b",
        r"quot(?:e|es|ation)\b",
        r"tariffs?\b",
        r"how much\b",
        r"estimate\b",
        r"proforma\b",
    ),
    "demo": (r"دمو(?!کر)", "نسخه نمایشی", "جلسه معرفی", r"demos?\b", r"product tour\b"),
    "call": (
        "تماس بگیر",
        "تماس تلفنی",
        "زنگ بزن",
        "مشاوره",
        _NOT + r"call (?:me|us)(?: back)?\b",
        _NOT + r"(?:phone|ring) (?:me|us)\b",
        _NOT + r"contact me\b",
        r"call ?back\b",
        r"consult(?:ation)?\b",
        r"give (?:me|us) a call\b",
    ),
}
_ASKED: Final = {
    ask: re.compile(r"(?<!\w)(?:" + "|".join(words) + ")") for ask, words in _WORDS.items()
}
_BETWEEN: Final = re.compile(r"[/._-]+")
"""What stands between the words of a page's path."""
_SUBJECTS: Final = frozenset({"subject", "topic", "request", "interest", "موضوع", "درخواست"})
"""Other fields that say what the message is about; a consent's wording must not count."""


def asks(touch: Mapping[str, Any], contact: Mapping[str, Any], page: str | None) -> list[Ask]:
    """What a submission asks for, in the order price, demo, call. Whoever phones, asks to talk."""
    _host, _, path = (page or "").partition("/")
    words = " \n".join((*_written(contact), _BETWEEN.sub(" ", path)))
    text = fold(words.replace("\u200c", " ").replace("\u2019", "'"))
    found: list[Ask] = [ask for ask, pattern in _ASKED.items() if pattern.search(text)]
    if touch.get("kind") == "call" and "call" not in found:
        found.append("call")
    return found


def _written(contact: Mapping[str, Any]) -> list[str]:
    extra = contact.get("extra")
    others = extra if isinstance(extra, Mapping) else {}
    subjects = [value for name, value in others.items() if fold(str(name)) in _SUBJECTS]
    return [text for text in (contact.get("message"), *subjects) if isinstance(text, str)]
