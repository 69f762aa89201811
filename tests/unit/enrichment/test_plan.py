"""The short way to read a mobile number says what the library says, or nothing."""

from __future__ import annotations

import random
from collections import Counter

import phonenumbers
import pytest
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from services.enrichment.steps.plan import PLAIN, mobile

_FEW = 60


def _typed(region: str, chance: random.Random) -> list[str]:
    """Numbers near what the region has: of each kind its example, with some digits changed."""
    known = PhoneMetadata.metadata_for_region(region, None)
    assert known is not None
    kinds = (known.mobile, known.fixed_line, known.toll_free, known.pager, known.uan, known.voip)
    examples = [kind.example_number for kind in kinds if kind and kind.example_number]
    texts = []
    for n in range(_FEW):
        digits = list(examples[n % len(examples)])
        for _ in range(chance.randrange(4)):
            digits[chance.randrange(len(digits))] = str(chance.randrange(10))
        if chance.random() < 0.2:
            digits = digits[: chance.randrange(4, len(digits) + 1)] + ["0"] * chance.randrange(3)
        before = ("", known.national_prefix or "", f"+{known.country_code}", "00", "0")
        texts += [f"{one}{''.join(digits)}" for one in (*before, str(known.country_code))]
    return [text for text in texts if PLAIN.fullmatch(text)]


def _by_library(text: str, region: str) -> tuple[int | None, str, str | None, str, int] | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return (
        number.country_code,
        phonenumbers.national_significant_number(number),
        phonenumbers.region_code_for_number(number),
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        phonenumbers.number_type(number),
    )


def test_of_every_region_it_reads_as_the_library_does() -> None:
    chance = random.Random(7)  # noqa: S311 - the same numbers every time
    read: Counter[bool] = Counter()
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for text in _typed(region, chance):
            found = mobile(text, region)
            read[found is not None] += 1
            if found:
                code, national, where = found
                whole = f"+{code}{national}"
                expected = (code, national, where, whole, PhoneNumberType.MOBILE)
                assert _by_library(text, region) == expected, (region, text)
    assert read[True] > 5_000
    assert read[False] > 5_000


@pytest.mark.parametrize("text", ["09121234567", "9121234567", "+989121234567"])
def test_irans_mobile_numbers_take_the_short_way(text: str) -> None:
    assert mobile(text, "IR") == (98, "9121234567", "IR")


@pytest.mark.parametrize(
    "text", ["989121234567", "00989121234567", "02112345678", "09500000000", "+19121234567"]
)
def test_what_is_not_surely_one_is_left_to_the_library(text: str) -> None:
    assert mobile(text, "IR") is None
