"""The phone in E.164, so that all spellings of it are one (contract, section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

from libs.common.normal.text import clean, digits
from services.enrichment.draft import Draft
from services.enrichment.steps.language import accepted
from services.enrichment.steps.spellings import spellings

LONGEST: Final = 250
"""Characters that the library reads; what is longer is no phone."""

_SHORTEST_UNCERTAIN: Final = 8
"""National digits from which a number that no plan lists may still be somebody's."""

_TYPES: Final = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company",
    PhoneNumberType.VOICEMAIL: "voicemail",
}


class Reading(NamedTuple):
    """A number as it was understood, and whose country made it so."""

    number: PhoneNumber
    by: str
    valid: bool


def read_phone(draft: Draft, country: str) -> Draft:
    """Put the phone into its matching form, with its type; what was typed stays beside it."""
    typed = draft.field("phone")
    if not typed:
        return draft
    draft = draft.having(phone_typed=typed)
    reading = read(typed, draft, country)
    if reading is None:
        return (
            draft.misfilled("phone")
            .finding(phone_valid=False)
            .noting(
                "phone_unusable",
                "با شمارهٔ نوشته‌شده نمی‌شود تماس گرفت.",
                "The phone as typed cannot be called.",
            )
        )
    kind = _TYPES.get(phonenumbers.number_type(reading.number), "unknown")
    region = phonenumbers.region_code_for_number(reading.number)
    e164 = phonenumbers.format_number(reading.number, PhoneNumberFormat.E164)
    draft = draft.having(phone=e164, phone_type=kind).finding(
        phone_valid=reading.valid, phone_possible=True, phone_type=kind, phone_region=region
    )
    if not reading.valid:
        draft = draft.noting(
            "phone_uncertain",
            "شماره در فهرست شماره‌های شناخته‌شده نیست؛ شاید اشتباه نوشته شده باشد.",
            "No numbering plan lists this number; it may be mistyped.",
        )
    draft = _beside(draft, typed, reading, country)
    if e164 == typed:
        return draft
    return draft.noting(
        "phone_normalised",
        "شماره به شکل بین‌المللی درآمد؛ آنچه نوشته شده بود هم مانده است.",
        "The phone was put into international form; what was typed is kept.",
        read_by=reading.by,
        region=region,
    )


def _beside(draft: Draft, typed: str, reading: Reading, country: str) -> Draft:
    """What was written beside the number: its extension, and whether there is another number."""
    extension = reading.number.extension
    if extension:
        draft = draft.finding(phone_extension=extension).noting(
            "phone_extension",
            f"داخلی {extension}",
            f"Extension {extension}",
            extension=extension,
        )
    if not _others(typed, reading, draft, country):
        return draft
    return draft.noting(
        "phone_others",
        "بیش از یک شماره نوشته شده بود؛ نخستین شمارهٔ درست برداشته شد و بقیه هم مانده‌اند.",
        "More than one number was written; the first good one was taken, the rest are kept.",
    )


def _others(typed: str, taken: Reading, draft: Draft, country: str) -> bool:
    same = (taken.number.country_code, taken.number.national_number)
    texts = _texts(typed)
    return len(texts) > 1 and any(
        reading.valid and (reading.number.country_code, reading.number.national_number) != same
        for text in texts
        for reading in _readings(text, draft, country, only=taken.by)
    )


def read(typed: str, draft: Draft, country: str) -> Reading | None:
    """The best reading: by the form's country, the organisation's, then the visitor's.

    The visitor's comes late so that a VPN does not split a person (contract, section 7). What
    is valid by any of them comes before what only looks possible. None: it reaches nobody.
    """
    tried: list[Reading] = []
    for text in _texts(typed):
        for reading in _readings(text, draft, country):
            if reading.valid:
                return reading
            tried.append(reading)
    return next((reading for reading in tried if _perhaps(reading.number)), None)


@lru_cache(maxsize=16)
def _texts(typed: str) -> tuple[str, ...]:
    """What in it may be a phone, likelier first."""
    return tuple(dict.fromkeys(spellings(_plain(typed))))


def _plain(text: str) -> str:
    """Latin digits and no invisible marks, which copied numbers are full of."""
    shown = "".join(c for c in clean(digits(text)) if c not in "\u200b\u200c\u200d\u200e\u200f")
    return shown.strip()[:LONGEST]


def _readings(text: str, draft: Draft, country: str, only: str | None = None) -> Iterator[Reading]:
    """How the text reads by each country in turn; `only` by that one where it is given."""
    form, visitor = draft.captured.region, accepted(draft.captured.client.accept_language).region
    tried = set()
    for by, region in (("form", form), ("organisation", country), ("visitor", visitor)):
        if region and region not in tried:
            tried.add(region)
            if only in (None, by) and (number := _parsed(text, region)):
                yield Reading(number, by, phonenumbers.is_valid_number(number))
    if text.startswith("+") or only not in (None, "international"):
        return
    number = _parsed(f"+{text}", None)
    if number and phonenumbers.is_valid_number(number):
        yield Reading(number, "international", valid=True)


@lru_cache(maxsize=64)
def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    """Of one submission the same text is asked about several times."""
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _perhaps(number: PhoneNumber) -> bool:
    """Whether a number that no plan lists is still worth a call: new ranges come before lists."""
    national = phonenumbers.national_significant_number(number)
    return (
        phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
        and len(national) >= _SHORTEST_UNCERTAIN
        and not national.startswith("0")
    )
