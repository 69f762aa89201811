"""The phone in E.164, so that all spellings of it are one (contract, section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

from libs.common.normal.text import clean, digits
from services.enrichment.draft import Draft
from services.enrichment.steps import plan
from services.enrichment.steps.language import accepted
from services.enrichment.steps.spellings import spellings

LONGEST: Final = 250
"""Characters that the library reads; what is longer is no phone."""

_SHORTEST_UNCERTAIN: Final = 8
"""National digits from which a number that no plan lists may still be somebody's."""

_UNKNOWN: Final = "unknown"
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

    number: PhoneNumber | plan.Mobile
    by: str
    kind: str

    @property
    def valid(self) -> bool:
        """Whether a numbering plan lists it."""
        return self.kind != _UNKNOWN

    @property
    def region(self) -> str | None:
        """The country that it is of."""
        if isinstance(self.number, plan.Mobile):
            return self.number.region
        return phonenumbers.region_code_for_number(self.number)

    @property
    def e164(self) -> str:
        """Its matching form."""
        if isinstance(self.number, plan.Mobile):
            return f"+{self.number.country_code}{self.number.national}"
        return phonenumbers.format_number(self.number, PhoneNumberFormat.E164)

    @property
    def extension(self) -> str | None:
        """What is dialled after it."""
        return None if isinstance(self.number, plan.Mobile) else self.number.extension

    @property
    def subscriber(self) -> tuple[int | None, int | None]:
        """Whom it calls, whatever is dialled after it."""
        if isinstance(self.number, plan.Mobile):
            return self.number.country_code, int(self.number.national)
        return self.number.country_code, self.number.national_number


def read_phone(draft: Draft, country: str) -> Draft:
    """Put the phone into its matching form, with its type; what was typed stays beside it."""
    typed = draft.field("phone")
    if not typed:
        return draft
    reading = read(typed, draft, country)
    if reading is None:
        return (
            draft.having(phone_typed=typed)
            .misfilled("phone")
            .finding(phone_valid=False)
            .noting(
                "phone_unusable",
                "با شمارهٔ نوشته‌شده نمی‌شود تماس گرفت.",
                "The phone as typed cannot be called.",
            )
        )
    kind, region, e164 = reading.kind, reading.region, reading.e164
    draft = draft.having(phone=e164, phone_typed=typed, phone_type=kind).finding(
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
    extension = reading.extension
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
    texts = _texts(typed)
    return len(texts) > 1 and any(
        reading.valid and reading.subscriber != taken.subscriber
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
    return next((reading for reading in tried if _perhaps(reading)), None)


def _texts(typed: str) -> tuple[str, ...]:
    """What in it may be a phone, likelier first."""
    return (typed,) if plan.PLAIN.fullmatch(typed) else _places(typed)


@lru_cache(maxsize=16)
def _places(typed: str) -> tuple[str, ...]:
    """Of one submission the same text is asked about several times."""
    return tuple(dict.fromkeys(spellings(_plain(typed))))


def _plain(text: str) -> str:
    """Latin digits and no invisible marks, which copied numbers are full of."""
    shown = "".join(c for c in clean(digits(text)) if c not in "\u200b\u200c\u200d\u200e\u200f")
    return shown.strip()[:LONGEST]


def _readings(text: str, draft: Draft, country: str, only: str | None = None) -> Iterator[Reading]:
    """How the text reads by each country in turn; `only` by that one where it is given."""
    form, visitor = draft.captured.region, accepted(draft.captured.client.accept_language).region
    is_plain = plan.PLAIN.fullmatch(text)
    tried = set()
    for by, region in (("form", form), ("organisation", country), ("visitor", visitor)):
        if region and region not in tried:
            tried.add(region)
            if only not in (None, by):
                continue
            if is_plain and (known := plan.mobile(text, region)):
                yield Reading(known, by, "mobile")
            elif number := _parsed(text, region):
                yield Reading(number, by, _kind(number))
    if text.startswith("+") or only not in (None, "international"):
        return
    number = _parsed(f"+{text}", None)
    if number and (kind := _kind(number)) != _UNKNOWN:
        yield Reading(number, "international", kind)


def _kind(number: PhoneNumber) -> str:
    """What kind of number it is, which no plan says of one that it does not list."""
    return _TYPES.get(phonenumbers.number_type(number), _UNKNOWN)


@lru_cache(maxsize=64)
def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    """Of one submission the same text is asked about several times."""
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _perhaps(reading: Reading) -> bool:
    """Whether a number that no plan lists is still worth a call: new ranges come before lists."""
    number = reading.number
    if isinstance(number, plan.Mobile):
        return True
    national = phonenumbers.national_significant_number(number)
    return (
        phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
        and len(national) >= _SHORTEST_UNCERTAIN
        and not national.startswith("0")
    )
