from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.normal.text import clean, digits, fold, is_clean


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("علي كريمي", "علی کریمی"),
        ("می‌خواهم", "میخواهم"),
        ("مُحَمَّد", "محمد"),
        ("سـلام", "سلام"),
        ("آهن", "اهن"),
        ("۱۲۳", "١٢٣"),
        ("  Sara\u00a0 AHMADI ", "sara ahmadi"),
        ("ﻻ", "لا"),
    ],
)
def test_two_spellings_fold_to_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_words_that_differ_stay_apart() -> None:
    assert fold("سئو") != fold("سو")
    assert fold("علی") != fold("علا")


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


_LETTERS = "abzABZİßéابپچگکیيكئأهةۀھء۱٢3 \t\n\u200c\u0651\u0654\u0301\u0327\ufb01@[`{-"


@given(st.text(alphabet=_LETTERS))
def test_what_needs_no_folding_folds_as_it_does_beside_what_does(text: str) -> None:
    assert fold(f"{text} ۵ي") == f"{fold(text)} 5ی".strip()


@given(st.text(alphabet=st.characters()))
def test_clean_text_can_be_stored_and_stays_itself(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert "\x00" not in cleaned
    cleaned.encode()


def test_clean_keeps_what_the_person_typed() -> None:
    assert clean("می‌خواهم\r\nعلي\tك\x00\u202e") == "می‌خواهم\nعلي\tك"


def test_digits_of_both_sets() -> None:
    assert digits("۰۹۱۲٣٤٥ 6") == "0912345 6"


def test_what_is_printable_needs_no_closer_look() -> None:
    spoiled = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
    turned = re.compile("[\ufeff\u202a-\u202e\u2066-\u2069\u2028\u2029\r]")
    unfit = [chr(code) for code in range(sys.maxunicode + 1)]
    unfit = [c for c in unfit if spoiled.match(c) or turned.match(c)]
    assert len(unfit) > 2_000
    assert not [c for c in unfit if clean(f"a{c}b") == f"a{c}b"]


@given(
    st.text() | st.text(st.sampled_from("aی\u200c\u0300e\u0301é\r\n\u2028\x85\x0b\ufeff\ud800 \\"))
)
def test_what_is_clean_is_what_cleaning_leaves_as_it_is(text: str) -> None:
    assert is_clean(text) == (clean(text) == text)
