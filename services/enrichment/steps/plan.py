"""A country's mobile numbers at one look: what most people type, and in two ways only.

The library reads every spelling of every kind of number of every country and takes 50 µs for
each. This knows one kind, as the library's own numbering plan lists it, and leaves to the library
whatever is not surely that. tests/unit/enrichment/test_plan.py holds the two together.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from phonenumbers import PhoneMetadata, PhoneNumberDesc, region_codes_for_country_code

PLAIN: Final = re.compile(r"\+?[0-9]{7,15}")
"""A number without any mark between its digits: no other reading of the text is possible."""
_OTHER_KINDS: Final = (
    *("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan"),
    *("voicemail", "fixed_line"),
)
"""What the library looks for before mobile numbers."""


class Mobile(NamedTuple):
    """A valid mobile number."""

    country_code: int
    national: str
    """Without the prefix that is dialled before it at home."""
    region: str


class _Plan(NamedTuple):
    region: str
    country_code: int
    numbers: re.Pattern[str]
    others: re.Pattern[str]
    """What the library may take for another kind."""
    refused: re.Pattern[str]
    """Beginnings that it may read as a country code or an international prefix."""


def mobile(text: str, region: str) -> Mobile | None:
    """The number in a text that PLAIN fits, read in that region; None: the library is to say."""
    plan = _plan(region)
    if plan is None or (text[0] != "+" and plan.refused.match(text)):
        return None
    found = plan.numbers.fullmatch(text)
    if found is None or plan.others.fullmatch(found[1]):
        return None
    return Mobile(plan.country_code, found[1], plan.region)


@lru_cache(maxsize=512)
def _plan(region: str) -> _Plan | None:
    """None for countries that share a code, or whose numbers are read by rules of their own."""
    known = PhoneMetadata.metadata_for_region(region, None)
    if known is None or known.country_code is None or known.same_mobile_and_fixed_line_pattern:
        return None
    code, prefix = known.country_code, known.national_prefix_for_parsing or ""
    shared = len(region_codes_for_country_code(code)) != 1
    if shared or known.national_prefix_transform_rule or not re.fullmatch("[0-9]*", prefix):
        return None
    number = _listed(known.general_desc, known.mobile)
    if number is None:
        return None
    kinds = (getattr(known, name) for name in _OTHER_KINDS)
    patterns = [kind.national_number_pattern for kind in kinds if kind is not None]
    begun = f"(?!0{f'|{prefix}' if prefix else ''})"
    return _Plan(
        region,
        code,
        re.compile(rf"(?:\+{code}|(?:{prefix})?)({begun}{number})"),
        re.compile("|".join(f"(?:{one})" for one in patterns if one) or "(?!)"),
        re.compile("|".join(filter(None, (known.international_prefix, str(code))))),
    )


def _listed(general: PhoneNumberDesc | None, mobile: PhoneNumberDesc | None) -> str | None:
    """The pattern of numbers that are both, of a length that both have."""
    if general is None or mobile is None:
        return None
    lengths = sorted(set(mobile.possible_length) & set(general.possible_length))
    if not lengths or not mobile.national_number_pattern or not general.national_number_pattern:
        return None
    long = "|".join(f".{{{length}}}" for length in lengths)
    whole = f"(?=(?:{long})$)(?=(?:{general.national_number_pattern})$)"
    return f"{whole}(?:{mobile.national_number_pattern})"
