"""What a cell of a list says about reaching somebody: read mildly, as enrichment decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from libs.common.normal.text import clean, digits, fold

_NOTHING: Final = frozenset(
    {"", "-", "--", "—", "_", ".", "0", "nan", "null", "none", "n/a", "na", "#n/a", "nil"}
    | {"ندارد", "نامشخص", "خالی", "بدون شماره", "؟", "?"}
)
_UNSEEN: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\xa0"), None)
_BETWEEN: Final = re.compile(r"[;,،؛|/\n]+|\s+-\s+")
_SCIENTIFIC: Final = re.compile(r"[+-]?\d(?:[.,٫]\d+)?[eE]\+?\d{1,2}")
_AS_FLOAT: Final = re.compile(r"(\d{7,15})[.]0+")
_FORMULA: Final = re.compile(r'="([^"]*)"')
_QUOTED: Final = re.compile(r"'(?=[=+\-@0-9])")
_SHORTEST: Final = 8
"""National digits from which a number that no plan lists may still be somebody's."""
_LONGEST: Final = 250
_EMAIL: Final = re.compile(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]+\.[^\s@<>,;\".]{2,}")


def cell_text(typed: str) -> str:
    """A cell without what programs put around it; empty where it says that there is nothing."""
    text = clean(typed).strip()
    formula = _FORMULA.fullmatch(text)
    text = _QUOTED.sub("", formula[1] if formula else text, count=1)
    return "" if text.lower() in _NOTHING else text


def whole_number(typed: str) -> str | None:
    """A number as Excel spells long ones (9.121234567E+09) with its digits; None if some are gone.

    Anything else is given back as it is.
    """
    plain = digits(typed).translate(_UNSEEN).strip()
    as_float = _AS_FLOAT.fullmatch(plain)
    if as_float:
        return as_float[1]
    if not _SCIENTIFIC.fullmatch(plain):
        return typed
    try:
        number = Decimal(plain.replace(",", ".").replace("٫", "."))
    except InvalidOperation:
        return typed
    _sign, shown, exponent = number.as_tuple()
    return str(int(number)) if exponent == 0 and len(shown) >= _SHORTEST else None


@lru_cache(maxsize=1024)
def e164(typed: str, region: str) -> str | None:
    """The first number in it that can be somebody's, in E.164; read in `region` (ISO 3166)."""
    plain = digits(clean(typed)).translate(_UNSEEN).strip()[:_LONGEST]
    tried = []
    for number in _numbers(plain, region):
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
        tried.append(number)
    perhaps = next(filter(_perhaps, tried), None)
    return phonenumbers.format_number(perhaps, PhoneNumberFormat.E164) if perhaps else None


def _numbers(plain: str, region: str) -> Iterator[phonenumbers.PhoneNumber]:
    for text in dict.fromkeys((plain, *_BETWEEN.split(plain))):
        for tried, by in ((text, region), (f"+{text.lstrip('+0')}", None)):
            try:
                yield phonenumbers.parse(tried, by)
            except phonenumbers.NumberParseException:
                continue


def _perhaps(number: phonenumbers.PhoneNumber) -> bool:
    national = phonenumbers.national_significant_number(number)
    return (
        phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
        and len(national) >= _SHORTEST
        and not national.startswith("0")
    )


def address(typed: str) -> str | None:
    """The first e-mail address in it, in one case."""
    found = _EMAIL.search(clean(typed).translate(_UNSEEN))
    return found[0].lower() if found else None


def is_phone_like(typed: str) -> bool:
    """Whether a cell looks like a phone by its digits alone: for columns without a name."""
    plain = digits(typed).translate(_UNSEEN)
    count = sum(map(str.isdecimal, plain))
    return 10 <= count <= 14 and not re.search(r"[^\d\s()+./-]", plain)  # noqa: PLR2004 - E.164's usual lengths


def reachable(ours: str | None, text: str, region: str) -> str | None:
    """The form in which two spellings are equal; None of what can be no phone, or no e-mail."""
    if ours == "phone":
        return e164(text, region)
    return address(text) if ours == "email" else fold(text)


def canonical(ours: str | None, text: str, region: str) -> str:
    """The form in which two spellings of the same cell are equal."""
    return reachable(ours, text, region) or fold(text)
