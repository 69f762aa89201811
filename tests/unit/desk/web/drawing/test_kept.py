"""What a browser keeps for ever is asked for by what is in it; every check has its words."""

from __future__ import annotations

import re

import pytest

from libs.common.books.balance import CHECKS
from services.desk.web.drawing.drawing import STATIC, versions
from services.desk.words import MISSING


@pytest.mark.parametrize("sheet", sorted(file.name for file in STATIC.glob("*.css")))
def test_a_sheet_asks_for_the_same_address_as_the_page(sheet: str) -> None:
    known = versions()
    for address in re.findall(r"url\(([^)]+)\)", (STATIC / sheet).read_text(encoding="utf-8")):
        name, _, version = address.partition("?v=")
        assert version == known[name], f"{sheet}: {name} is now {known[name]}"


def test_whatever_the_books_may_find_is_said_in_both_languages() -> None:
    assert set(MISSING) == CHECKS
    assert all(said.fa and said.en for said in MISSING.values())
