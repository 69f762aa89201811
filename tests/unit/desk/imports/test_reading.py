"""Files as programs write them: encodings, delimiters, quotes, titles, what Excel makes of all."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from time import thread_time
from typing import Any

import openpyxl
import pytest

from services.desk.imports import folder as folder_of_lists
from services.desk.imports import table
from services.desk.imports.problems import Unreadable
from services.desk.imports.records import MOST_LINES, delimiter_of, records
from services.desk.imports.sheet import written as written_cell
from services.desk.imports.table import Shape, look

DAY = date(2026, 11, 22)
PERSIAN = "نام,موبایل,توضیحات\nشیدا,۰۹۱۲۱۲۳۴۵۶۷,سلام؛ چه خبر\nرضا,۰۹۱۲۱۲۳۴۵۶۸,\n"
OLD = (
    PERSIAN.replace("ی", "ي")
    .replace("۰۹۱۲۱۲۳۴۵۶", "0912123456")
    .translate(str.maketrans("۷۸", "78"))
)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


def read(path: Path) -> tuple[Shape, list[list[str]]]:
    shape = look(path)
    return shape, [row.cells for row in table.rows(path, shape)]


@pytest.mark.parametrize(
    ("encoding", "text", "told"),
    [
        ("utf-8", PERSIAN, "utf-8"),
        ("utf-8-sig", PERSIAN, "utf-8-sig"),
        ("utf-16", PERSIAN, "utf-16"),
        ("utf-16-le", PERSIAN, "utf-16-le"),
        ("utf-16-be", PERSIAN, "utf-16-be"),
        ("windows-1256", OLD, "windows-1256"),
        ("ascii", "name,phone\nx,09121234567\n", "utf-8"),
    ],
)
def test_encodings_are_told_apart(tmp_path: Path, encoding: str, text: str, told: str) -> None:
    shape, rows = read(written(tmp_path, text.encode(encoding)))
    assert (shape.encoding, shape.delimiter) == (told, ",")
    assert dict(shape.columns).get("phone", "phone") == "phone"
    assert rows[0][0] in {"شیدا", "شيدا", "x"}
    assert not any("\ufeff" in name for name in shape.names)


def test_the_first_persian_letter_may_be_far_down_and_one_broken_byte_is_no_other_encoding(
    tmp_path: Path,
) -> None:
    many = "name,phone\n" + "x,09121234567\n" * 200_000
    late = written(tmp_path, many.encode() + "شيدا,1\n".encode("windows-1256"))
    assert look(late).encoding == "windows-1256"
    broken = written(tmp_path, PERSIAN.encode() + b"\xff,1\n")
    assert look(broken).encoding == "utf-8"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "،", "؛", "^", "~"])
def test_any_delimiter_is_found_by_consistency(delimiter: str) -> None:
    rows = [
        ["نام", "تلفن", "نشانی"],
        ["الف", "09121234567", '"تهران، خیابان آزادی; پلاک 2, واحد 3"'],
        ["ب", "09121234568", '"قم, میدان"'],
        ["پ", "", "یزد"],
    ]
    sample = "\n".join(delimiter.join(row) for row in rows)
    assert delimiter_of(sample, is_whole=True) == delimiter


def test_of_two_consistent_delimiters_the_one_with_more_cells_and_known_names_wins() -> None:
    text = "last, first;phone;city\nA, B;1;x\nC, D;2;y\n"
    assert delimiter_of(text, is_whole=True) == ";"
    assert delimiter_of("a, b, c;phone\n1, 2, 3;4\n", is_whole=True) == ";"


def test_a_decimal_comma_a_single_column_and_the_word_of_excel() -> None:
    assert delimiter_of("a;b\n1,5;2,5\n3,5;4,5\n", is_whole=True) == ";"
    assert delimiter_of("موبایل\n09121234567\n09121234568\n", is_whole=True) == ","
    assert delimiter_of("sep=|\na,b|c,d\n1,2|3,4\n", is_whole=True) == "|"


def test_the_line_that_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    path = written(tmp_path, b"sep=;\nname;phone\nx;09121234567\n")
    shape = look(path)
    assert (shape.names, shape.delimiter) == (("name", "phone"), ";")
    assert [(row.line, row.cells) for row in table.rows(path, shape)] == [(3, ["x", "09121234567"])]


def test_quotes_may_hold_delimiters_lines_and_quotes_and_lines_are_counted() -> None:
    text = 'name,note\n"a, b","one\ntwo ""three"""\n\nlast,row\n'
    assert [(row.line, row.cells) for row in records(text.splitlines(keepends=True), ",")] == [
        (1, ["name", "note"]),
        (2, ["a, b", 'one\ntwo "three"']),
        (4, []),
        (5, ["last", "row"]),
    ]


@pytest.mark.parametrize("after", [3, MOST_LINES + 20])
def test_a_quote_that_is_never_closed_costs_its_own_line_only(after: int) -> None:
    lines = ["name,phone\n", '"open,1\n', *(f"x{n},{n}\n" for n in range(after))]
    rows = list(records(lines, ","))
    assert rows[1].cells == ["open", "1"]
    assert [row.cells for row in rows[2:]] == [[f"x{n}", str(n)] for n in range(after)]
    assert [row.line for row in rows] == list(range(1, after + 3))


def test_titles_above_the_names_empty_rows_and_ragged_ones(tmp_path: Path) -> None:
    text = "فهرست مشتریان ۱۴۰۵,,\n\n,,\nنام,موبایل,\nالف,1\n,,,,\nب,2,x\n"
    shape, rows = read(written(tmp_path, text.encode()))
    assert (shape.names_on, shape.columns[:2]) == (4, (("نام", "name"), ("موبایل", "phone")))
    assert rows == [["الف", "1"], ["ب", "2", "x"]]


def test_a_file_without_names_is_read_by_what_stands_in_it(tmp_path: Path) -> None:
    shape, rows = read(written(tmp_path, "علی,09121234567,a@b.example\n,09121234568,\n".encode()))
    assert shape.names_on == 0
    assert shape.columns == (("A", None), ("B", "phone"), ("C", "email"))
    assert len(rows) == 2


def test_columns_of_the_same_name_are_told_apart_and_may_both_be_phones(tmp_path: Path) -> None:
    text = "نام,نام,تلفن,تلفن,\nالف,ب,1,2,3\n"
    shape, _rows = read(written(tmp_path, text.encode()))
    assert shape.columns == (
        ("نام", "name"),
        ("نام 2", None),
        ("تلفن", "phone"),
        ("تلفن 2", "phone"),
        ("E", None),
    )


def book(folder: Path, rows: Sequence[Sequence[Any]], first: str = "") -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    if first:
        sheet.title = first
        sheet = made.create_sheet("مشتریان")
    for row in rows:
        sheet.append(row)
    path = folder / "book"
    made.save(path)
    return path


def test_excel_numbers_dates_and_gaps_are_as_somebody_would_type_them(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["نام", "موبایل", "تاریخ", "مبلغ", "ساعت"],
        ["الف", 9121234567, datetime.combine(DAY, time()), 1.5, time(9, 30)],
        [None, 9.121234568e9, date(2026, 11, 23), 10**12, True],
        [],
        ["ب", "۰۹۱۲", datetime.combine(DAY, time(8, 5)), None, None],
    ]
    shape, found = read(book(tmp_path, rows, first="راهنما"))
    assert (shape.kind, shape.sheet) == ("xlsx", "مشتریان")
    assert found == [
        ["الف", "9121234567", "2026-11-22", "1.5", "09:30:00"],
        ["", "9121234568", "2026-11-23", "1000000000000", "1"],
        ["ب", "۰۹۱۲", "2026-11-22T08:05:00"],
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (9121234567.0, "9121234567"),
        (1.5, "1.5"),
        (1e300, "1e+300"),
        (float("nan"), "nan"),
        (False, "0"),
    ],
)
def test_numbers_of_cells_have_no_point_where_they_are_whole(cell: object, text: str) -> None:
    assert written_cell(cell) == text


async def test_a_file_above_the_bound_is_refused_as_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_of_lists, "MOST_BYTES", 10)

    async def parts(*sizes: int) -> AsyncIterator[bytes]:
        for size in sizes:
            yield bytes(size)

    folder, item = folder_of_lists.Folder(tmp_path), str(uuid.uuid4())
    with pytest.raises(folder_of_lists.TooLarge):
        await folder.take(item, parts(6, 5))
    assert not folder.path(item).exists()
    assert (await folder.take(item, parts(6, 4))).size == 10


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        ("نام,موبایل\n".encode(), "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel"),
        (b"<html><table><tr><td>x", "a_web_page"),
        (b"%PDF-1.7", "binary"),
        (b"PK\x03\x04 and nothing of a workbook", "broken_workbook"),
    ],
)
def test_what_is_no_list_is_refused_by_name(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        look(written(tmp_path, content))
    assert refused.value.code == code
    assert refused.value.text.fa != refused.value.text.en


@pytest.mark.parametrize("line", ["a," * 1500, "," * 1500 + "a", "a 2,a," * 750])
def test_however_many_columns_have_one_name_each_gets_its_own_at_once(
    tmp_path: Path, line: str
) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(f"phone,{line}\n0912,{line}\n", "utf-8")
    began = thread_time()  # of this thread alone, however busy the machine is
    names = look(path).names
    assert thread_time() - began < 3
    assert len(set(names)) == len(names) > 1000
    assert names[:1] == ("phone",)


def test_a_name_that_comes_again_is_numbered_past_those_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "again.csv"
    path.write_text("phone,a,a 2,a,a,a 2,\n0912,1,2,3,4,5,6\n", "utf-8")
    assert look(path).names == ("phone", "a", "a 2", "a 3", "a 4", "a 2 2", "G")
