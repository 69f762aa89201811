"""Rows of an Excel workbook (.xlsx), read as a stream."""

from __future__ import annotations

import contextlib
import math
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from services.desk.imports.problems import Unreadable
from services.desk.imports.records import Row

_LARGEST: Final = 512 * 1024 * 1024
_LARGEST_TEXTS: Final = 96 * 1024 * 1024
"""Bytes unpacked, of all and of the table of texts, which alone is held in memory."""
_MOST_PARTS: Final = 2_000
_MOST_CELLS: Final = 200
_EXACT: Final = 10**15
"""Below it every whole number that Excel holds is exact."""

warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")


def sheets(path: Path) -> list[str]:
    """The names of the visible sheets, in order. Raises Unreadable."""
    with _opened(path) as book:
        return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]


def rows(path: Path, name: str) -> Iterator[Row]:
    """Every row of a sheet, numbered as Excel does. Raises Unreadable."""
    with _opened(path) as book:
        sheet = book[name]
        sheet.reset_dimensions()  # some programs write a wrong size, and only that much is read
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            texts = [written(cell) for cell in cells[:_MOST_CELLS]]
            while texts and not texts[-1]:
                texts.pop()
            yield Row(number, texts)


def written(value: Any) -> str:
    """A cell as somebody would have typed it: whole numbers without point or exponent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        is_whole = math.isfinite(value) and value.is_integer() and abs(value) < _EXACT
        return str(int(value)) if is_whole else repr(value)
    if isinstance(value, datetime):
        plain = value.time() == time() and value.tzinfo is None
        return (value.date() if plain else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The workbook; whatever a broken part of it makes of the library is one thing to people."""
    import openpyxl  # noqa: PLC0415 - five MiB, for who brings a workbook

    with path.open("rb") as file:
        try:
            _bounded(path)
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
        except (Unreadable, GeneratorExit):
            raise
        except Exception as error:
            raise Unreadable("broken_workbook") from error


def _bounded(path: Path) -> None:
    """Refuse what would unpack to more than a list ever has."""
    with zipfile.ZipFile(path) as parts:
        infos = parts.infolist()
    texts = (one for one in infos if one.filename.lower().endswith("sharedstrings.xml"))
    if (
        len(infos) > _MOST_PARTS
        or sum(one.file_size for one in infos) > _LARGEST
        or any(one.file_size > _LARGEST_TEXTS for one in texts)
    ):
        raise Unreadable("too_large")
