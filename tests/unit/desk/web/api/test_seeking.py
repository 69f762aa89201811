"""What is typed to find a lead."""

from __future__ import annotations

import pytest

from services.desk.web.api.seeking import dialled, words_of


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("۰۹۱۲ ۱۲۳ ۴۵۶۷", ("9121234567",)),
        ("+98 912-123-4567", ("989121234567",)),
        ("0098 (912) 1234567", ("989121234567",)),
        ("علی 0912", ("علی", "912")),
        ("expo 26 علی", ("expo", "26", "علی")),
        ("a@b.example", ("a@b.example",)),
        ("", ()),
    ],
)
def test_a_number_is_looked_for_as_it_stands_in_its_international_form(
    typed: str, found: tuple[str, ...]
) -> None:
    assert dialled(words_of(typed)) == found
