from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.normal.text import clean, digits, fold


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
