"""A file as a table: what kind it is, its columns, and its rows one after the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from services.desk.imports import sheet
from services.desk.imports.columns import LOOKED_AT, Column, head_of
from services.desk.imports.encoding import encoding_of
from services.desk.imports.problems import Unreadable
from services.desk.imports.records import Row, delimiter_of, records

_SAMPLE: Final = 256 * 1024
_LINE: Final = 256 * 1024
"""Characters; a longer line is read as several, so that memory stays bounded."""
_BINARY: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")


class Shape(msgspec.Struct, frozen=True):
    """How a file is read, found out once."""

    kind: str
    """csv or xlsx."""
    columns: tuple[tuple[str, str | None], ...]
    """Names, and what of ours each seems to hold."""
    names_on: int
    """The line of the names; 0: there are none."""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(name for name, _ours in self.columns)


def look(path: Path) -> Shape:
    """Find out how to read the file. Raises Unreadable."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise Unreadable("empty")
    if head.startswith(b"PK\x03\x04"):
        return _workbook(path)
    _refuse(head)
    encoding = encoding_of(path)
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        sample = text.read(_SAMPLE)
        is_whole = not text.read(1)
    shape = Shape("csv", (), 0, encoding, delimiter_of(sample, is_whole=is_whole))
    return _named(path, shape)


def _workbook(path: Path) -> Shape:
    for name in sheet.sheets(path):
        shape = Shape("xlsx", (), 0, sheet=name)
        try:
            return _named(path, shape)
        except Unreadable as error:
            if error.code != "empty":
                raise
    raise Unreadable("empty")


def _refuse(head: bytes) -> None:
    plain = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("old_excel")
    if plain.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise Unreadable("a_web_page")
    if head.startswith(_BINARY):
        raise Unreadable("binary")


def _named(path: Path, shape: Shape) -> Shape:
    first = list(itertools.islice(_all(path, shape), LOOKED_AT))
    head = head_of(first)
    if not head.columns or not any(row.line > head.line and any(row.cells) for row in first):
        raise Unreadable("empty")
    columns = tuple((column.name, column.ours) for column in head.columns)
    return msgspec.structs.replace(shape, columns=columns, names_on=head.line)


def rows(path: Path, shape: Shape) -> Iterator[Row]:
    """The rows below the names, without those in which every cell is empty. Raises Unreadable."""
    for row in _all(path, shape):
        if row.line > shape.names_on and any(cell.strip() for cell in row.cells):
            yield row


def _all(path: Path, shape: Shape) -> Iterator[Row]:
    if shape.kind == "xlsx":
        yield from sheet.rows(path, shape.sheet)
        return
    with path.open(encoding=shape.encoding, errors="replace", newline="") as text:
        lines = iter(lambda: text.readline(_LINE), "")
        skipped = 0
        first = next(lines, "")
        if first.lower().startswith("sep="):
            skipped = 1
        else:
            lines = itertools.chain((first,), lines)
        for row in records(lines, shape.delimiter):
            yield row._replace(line=row.line + skipped)


def guessed(shape: Shape) -> tuple[Column, ...]:
    """The columns with what they seem to hold."""
    return tuple(Column(name, ours) for name, ours in shape.columns)
