"""Which field of theirs is which of ours: by their own mapping, else by common names.

Forms, platforms and columns of a file are all read by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

CONTACTS: Final = ("phone", "email", "handle")
"""Ours by which a person can be reached."""
CHOSEN: Final = ("phone", "email")
"""Of these, several may be filled and only one be right."""
MOST_CANDIDATES: Final = 8
LONGEST_CANDIDATE: Final = 500
NONE: Final[Mapping[str, str]] = MappingProxyType({})

COMMON: Final[dict[str, tuple[str, ...]]] = {
    "name": (
        "name", "full_name", "your-name", "contact_name", "customer_name", "fio",
        "نام و نام خانوادگی", "نام ونام خانوادگی", "نام کامل", "نام شما", "نام", "اسم",
    ),
    "first_name": ("first_name", "fname", "given_name", "نام کوچک", "اسم کوچک"),
    "last_name": (
        "last_name", "lname", "surname", "family_name", "family", "نام خانوادگی", "فامیلی",
        "فامیل", "شهرت",
    ),
    "phone": (
        "phone", "phone_number", "mobile", "mobile_number", "mobile_phone", "cell", "cellphone",
        "cell_phone", "tel", "telephone", "your-tel", "your-phone", "your-mobile",
        "contact_number", "phone_no", "موبایل", "شماره موبایل", "تلفن همراه", "شماره همراه",
        "شماره تلفن همراه", "همراه", "شماره تماس", "تلفن تماس", "شماره تلفن", "تلفن", "تلفن ثابت",
        "شماره", "whatsapp", "whatsapp_number", "واتساپ", "واتس اپ", "شماره واتساپ",
    ),
    "email": (
        "email", "e-mail", "email_address", "your-email", "mail", "ایمیل", "آدرس ایمیل",
        "نشانی ایمیل", "پست الکترونیک", "پست الکترونیکی", "رایانامه",
    ),
    "handle": (
        "handle", "telegram", "telegram_id", "telegram_username", "instagram", "instagram_id",
        "تلگرام", "آیدی تلگرام", "اینستاگرام", "آیدی اینستاگرام",
    ),
    "company": (
        "company", "company_name", "your-company", "organization", "organisation", "business",
        "business_name", "شرکت", "نام شرکت", "سازمان", "نام سازمان", "کسب و کار",
    ),
    "message": (
        "message", "your-message", "comment", "comments", "description", "notes", "note",
        "question", "inquiry", "پیام", "متن پیام", "پیام شما", "توضیحات", "توضیح", "شرح", "نظر",
        "سوال", "سؤال", "پرسش", "درخواست",
    ),
    "language": ("language", "lang", "زبان"),
}  # fmt: skip

_USUAL: Final = 64
"""Letters of a name; longer ones are not remembered."""
_LETTERS: Final = str.maketrans("يكىةؤأإ", "یکیهواا")
_BETWEEN: Final = re.compile(r"[\s_\-\u200c\u200f\u200e.:*؟?]+")
_NESTED: Final = re.compile(r"^(?:fields?|data|form_fields)\[([^\]]+)\](?:\[value\])?$")


class Sorted(NamedTuple):
    """Ours, with the text as typed, and everything else under its own name."""

    fields: dict[str, str]
    rest: dict[str, Any]
    candidates: dict[str, dict[str, str]]
    """Where several fields are filled for one contact: all of them, the one taken first."""


def folded(name: str) -> str:
    """A field's name without case, separators, and Arabic spellings of Persian letters."""
    return _remembered(name) if len(name) <= _USUAL else _folded(name)


def _folded(name: str) -> str:
    nested = _NESTED.match(name)
    plain = unicodedata.normalize("NFC", nested.group(1) if nested else name)
    return _BETWEEN.sub("", plain.lower().translate(_LETTERS))


_remembered: Final = lru_cache(4096)(_folded)
"""A site's forms ask for the same few names again and again."""
_OURS: Final = {
    folded(name): (ours, rank) for ours, names in COMMON.items() for rank, name in enumerate(names)
}


def ours_of(name: str) -> str | None:
    """Which of ours a common name means; None for any other."""
    known = _OURS.get(folded(name))
    return known and known[0]


def sort_out(
    values: Mapping[str, Any],
    mapping: Mapping[str, str],
    late: Mapping[str, str | Sequence[str]] = NONE,
) -> Sorted:
    """Take our fields out of theirs; `mapping` is ours to theirs, theirs may be a dotted path.

    What is mapped and no text (a list, an object, true) stays among the rest. `late`, ours to
    theirs (one or several), are names that count after the common ones.
    """
    fields: dict[str, str] = {}
    filled: list[tuple[str, str, Any]] = []
    rest = dict(values)
    for ours, theirs in mapping.items():
        text = text_of(at_path(values, theirs))
        if text:
            fields[ours] = text
            filled.append((ours, theirs, at_path(values, theirs)))
        if not isinstance(values.get(theirs), list | dict | bool):
            rest.pop(theirs, None)
    for ours, theirs in (*_known(rest), *_late(rest, late)):
        text = text_of(rest[theirs])
        filled.append((ours, theirs, rest[theirs]))
        if ours not in fields and text:
            fields[ours] = text
            if not isinstance(rest[theirs], list):
                del rest[theirs]
    if "last_name" in fields and "name" in fields and "first_name" not in fields:
        fields["first_name"] = fields.pop("name")
    return Sorted(fields, rest, candidates_of(filled))


def _late(
    values: Mapping[str, Any], late: Mapping[str, str | Sequence[str]]
) -> Iterable[tuple[str, str]]:
    """(ours, theirs) of what is filled and has no common name."""
    for ours, theirs in late.items():
        for name in (theirs,) if isinstance(theirs, str) else theirs:
            if name in values and folded(name) not in _OURS:
                yield ours, name


def candidates_of(filled: Iterable[tuple[str, str, Any]]) -> dict[str, dict[str, str]]:
    """Of (ours, theirs, value) those contacts that have several texts, bounded in number.

    Which of them reaches somebody is not known here; of a list each text is one.
    """
    found: dict[str, dict[str, str]] = {ours: {} for ours in CHOSEN}
    for ours, theirs, value in filled:
        if ours not in found:
            continue
        texts = value if isinstance(value, list) else [value]
        for text in filter(None, map(text_of, texts)):
            known = found[ours]
            name = theirs if theirs not in known else f"{theirs} {len(known) + 1}"
            if text not in known.values() and len(known) < MOST_CANDIDATES:
                known[name] = text[:LONGEST_CANDIDATE]
    return {ours: known for ours, known in found.items() if len(known) > 1}


def at_path(values: Mapping[str, Any], path: str) -> Any:
    """What lies under a name, or under a dotted path of names; None when nothing does."""
    if path in values:
        return values[path]
    found: Any = values
    for name in path.split("."):
        if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, dict):
            found = found.get(name)
        else:
            return None
    return found


def text_of(value: Any) -> str:
    """A value as somebody typed it; of a list the first that is not empty; else nothing."""
    if type(value) is str:  # and no kind of one: nearly always
        return value.strip()
    if isinstance(value, str):
        return str(value).strip()
    if isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return next((text for text in map(text_of, value) if text), "")
    return ""


def _known(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(ours, theirs) by how surely the name means it."""
    found = []
    for place, theirs in enumerate(values):
        known = _OURS.get(folded(theirs))
        if known is not None:
            found.append((known[1], place, known[0], theirs))
    return [(ours, theirs) for _rank, _place, ours, theirs in sorted(found)]
