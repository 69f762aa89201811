"""Rows as the submissions that they would be, and why some cannot be any."""

from __future__ import annotations

import csv
import io
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.commands.lists import Basis, Temperature
from services.desk.imports.check import Judged, Shared, errors_file, judged, safe
from services.desk.imports.choice import BASES, Choice
from services.desk.imports.columns import MEANINGS, OURS, guess
from services.desk.imports.contacts import cell_text, whole_number
from services.desk.imports.judge import LONGEST_CELL, Reading, Refused, Taken, judge
from services.desk.imports.problems import ROWS
from services.desk.imports.records import Row
from services.desk.imports.table import look

HOLDS = {"name": "name", "phone": "phone", "mail": "email", "tel": "phone"}
HOW = Reading(("name", "phone", "mail", "tel", "city", "ردیف"), HOLDS, "expo", "IR", b"salt")


def taken(*cells: str, how: Reading = HOW) -> Taken:
    found = judge(cells, how)
    assert isinstance(found, Taken), found
    return found


@pytest.mark.parametrize(
    ("cells", "refused"),
    [
        (("x",), Refused("without_contact")),
        (("x", "-", "ندارد", "0"), Refused("without_contact")),
        (("x", "0912"), Refused("unusable_phone", "phone")),
        (("x", "", "x at y"), Refused("unusable_email", "mail")),
        (("x", "9.12E+09"), Refused("digits_lost", "phone")),
        (("x", "1", "", "", "", "", "over"), Refused("too_many_cells")),
        (("x" * (LONGEST_CELL + 1), "09121234567"), Refused("too_long")),
    ],
)
def test_rows_are_left_out_with_their_reason(cells: tuple[str, ...], refused: Refused) -> None:
    assert judge(cells, HOW) == refused
    assert refused.code in ROWS


def test_a_row_with_one_good_contact_is_taken_with_all_it_says() -> None:
    row = taken("الف", "0912", "", "021 88 77 66 55", "قم")
    assert row.fields == {"name": "الف", "phone": "0912"}
    assert row.candidates == {"phone": {"phone": "0912", "tel": "021 88 77 66 55"}}
    assert row.extra == {"city": "قم"}


@pytest.mark.parametrize(
    "spelling",
    [
        "۰۹۱۲۱۲۳۴۵۶۷",
        "٠٩١٢١٢٣٤٥٦٧",
        "9121234567",
        "+98 912 123 4567",
        "00989121234567",
        "98912-1234567",
        "9121234567.0",
        "9.121234567E+09",
        '="09121234567"',
        "'+989121234567",
    ],
)
def test_spellings_of_one_phone_make_one_row(spelling: str) -> None:
    assert taken("علی", spelling).mark == taken("علي", "09121234567").mark


def test_the_mark_is_of_content_and_source_and_not_of_place_order_or_number() -> None:
    row = taken("علی", "09121234567", "", "", "قم", "7")
    assert row.mark == taken("علی", "09121234567", "", "", "قم", "8").mark
    other = HOW._replace(names=("city", "name", "phone"))
    assert row.mark == taken("قم", "علی", "09121234567", how=other).mark
    assert row.mark != taken("علی", "09121234567", "", "", "یزد").mark
    assert row.mark != taken("علی", "09121234567", "", "", "قم", how=HOW._replace(source="b")).mark
    assert row.mark != taken("علی", "09121234567", "", "", "قم", how=HOW._replace(salt=b"b")).mark


@given(st.lists(st.text(max_size=30), max_size=8))
def test_no_row_breaks_the_reading(cells: list[str]) -> None:
    assert isinstance(judge(cells, HOW), Taken | Refused)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9.121234567E+09", "9121234567"),
        ("9,121234567e9", "9121234567"),
        ("9.12E+09", None),
        ("09121234567", "09121234567"),
        ("9121234567.00", "9121234567"),
    ],
)
def test_numbers_as_excel_spells_them(typed: str, read: str | None) -> None:
    assert whole_number(typed) == read


def test_cells_that_say_nothing_are_empty() -> None:
    assert {cell_text(t) for t in ("-", " ندارد ", "N/A", "null", "—", "0", "")} == {""}


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("شماره موبایل", "phone"),
        ("تلفن همراه مشتری", "phone"),
        ("Mobile (primary)", "phone"),
        ("E-Mail", "email"),
        ("نام ونام خانوادگي", "name"),
        ("نام خانوادگی", "last_name"),
        ("نام محصول", None),
        ("ردیف", None),
        ("#", None),
        ("صفحه مبدأ", "page_url"),
        ("utm_source", "utm_source"),
    ],
)
def test_columns_are_guessed_in_both_languages(name: str, ours: str | None) -> None:
    assert guess(name) == ours


def test_a_choice_wins_over_the_guess_and_each_of_ours_is_one_column() -> None:
    choice = Choice.model_validate({"basis": "consent", "columns": {"b": "name", "c": ""}})
    guessed: list[Any] = [("a", "name"), ("b", None), ("c", "email"), ("d", "phone")]
    assert choice.assigned(guessed) == {"a": "", "b": "name", "c": "", "d": "phone"}


def test_lists_whose_people_asked_for_nothing_are_cold() -> None:
    assert {b for b in BASES if Choice.model_validate({"basis": b}).is_cold} == {
        "legitimate_interest",
        "public_directory",
        "bought_list",
    }
    with pytest.raises(ValueError, match="always cold"):
        Choice.model_validate({"basis": "bought_list", "temperature": "scored"})


def test_the_command_and_the_desk_know_the_same_words() -> None:
    assert [basis.value for basis in Basis] == list(BASES)
    assert {each.value for each in Temperature} == {"cold", "scored"}
    assert set(MEANINGS) == set(OURS)


@pytest.mark.parametrize("cell", ["=1+1", "+98912", "-2", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_no_cell_of_the_errors_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    assert safe("شیدا") == "شیدا"


def test_the_errors_say_line_and_reason_and_can_be_sent_again(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("نام,موبایل\n=cmd,+98\nالف,09121234567\nالف,09121234567\n", encoding="utf-8")
    shape = look(path)
    how = Reading(shape.names, dict(shape.columns), "x", "IR", b"salt")  # type: ignore[arg-type]  # both columns are ours
    text = "".join(errors_file(judged(path, shape, how), shape.names, "fa"))
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[1] == ["2", "موبایل: این شماره درست نیست", "'=cmd", "'+98"]
    assert rows[2][:2] == ["4", "تکرار ردیف 3 همین فایل است"]
    assert len(rows) == 3


def rows_of(*found: Taken | Refused) -> list[Judged]:
    return [Judged(Row(n, []), one) for n, one in enumerate(found, 2)]


def test_who_has_a_contact_of_an_earlier_row_in_whatever_spelling_is_counted() -> None:
    shared = Shared("IR")
    first = [
        taken("الف", "09121234567", "a@nil.example"),
        taken("ب", "", "A@Nil.example"),
        taken("ج", "۰۹۱۲۱۲۳۴۵۶۷"),
    ]
    assert shared.count(rows_of(*first, Refused("repeated", of=2))) == 2
    other = [taken("د", "0912", "", "+989121234567"), taken("ه", "09121234569")]
    assert shared.count(rows_of(*other)) == 1
    unusable = [taken("و", "0912", "w@nil.example"), taken("ز", "0912", "z@nil.example")]
    assert shared.count(rows_of(*unusable)) == 0


def test_colleagues_who_share_a_second_phone_are_known_each_by_the_first() -> None:
    """Enrichment takes the first good one; the others stay beside, and are nobody's key."""
    shared = Shared("IR")
    office = [
        taken("الف", "09121234567", "", "02188776655"),
        taken("ب", "09121234568", "", "02188776655"),
    ]
    assert shared.count(rows_of(*office)) == 0
    assert shared.count(rows_of(taken("ج", "02188776655"))) == 0


def test_a_hundred_thousand_rows_take_some_bytes_each_whatever_they_say() -> None:
    shared = Shared("IR")
    long = "x" * 200
    tracemalloc.start()
    try:
        for n in range(100_000):
            one = Taken({"handle": f"{long}{n}"}, {}, {}, None, {}, b"")
            assert shared.count(rows_of(one)) == 0
        kept, _most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 20 * 1024 * 1024
    assert shared.count(rows_of(Taken({"handle": f"{long}7"}, {}, {}, None, {}, b""))) == 1
