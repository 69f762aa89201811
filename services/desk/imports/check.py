"""Every row of a list with what would become of it: nothing is kept but counts and examples."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from services.desk.imports.judge import Reading, Refused, Taken, contacts_of, judge
from services.desk.imports.problems import ROWS, Unreadable
from services.desk.imports.records import Row
from services.desk.imports.table import Shape, rows

MOST_ROWS: Final = 200_000
EXAMPLES: Final = 50
"""Refused rows that are told by line; the file of errors has all."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Judged(NamedTuple):
    """A row, and what it would be."""

    row: Row
    verdict: Taken | Refused


def judged(path: Path, shape: Shape, how: Reading, skip: int = 0) -> Iterator[Judged]:
    """All rows after the first `skip`; equal rows count once. Raises Unreadable."""
    seen: dict[bytes, int] = {}
    for number, row in enumerate(rows(path, shape)):
        if number >= MOST_ROWS:
            raise Unreadable("too_many_rows")
        if number < skip:
            continue
        verdict = judge(row.cells, how)
        if isinstance(verdict, Taken):
            first = seen.setdefault(verdict.mark[:16], row.line)
            if first != row.line:
                verdict = Refused("repeated", of=first)
        yield Judged(row, verdict)


class Shared:
    """Which rows share a contact with an earlier one: some bytes a contact, whatever it says."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._seen: set[int] = set()

    def count(self, part: Iterable[Judged]) -> int:
        """How many of these rows do; to be asked of every row once, in their order."""
        found = 0
        for _row, verdict in part:
            if isinstance(verdict, Taken):
                contacts = contacts_of(verdict, self._region)
                found += not self._seen.isdisjoint(contacts)
                self._seen |= contacts
        return found


def example(one: Judged) -> dict[str, Any]:
    """A refused row as it is told: never what stands in it."""
    verdict = one.verdict
    if isinstance(verdict, Taken):
        raise TypeError("only refused rows are told")
    told: dict[str, Any] = {"line": one.row.line, "code": verdict.code}
    if verdict.column:
        told["column"] = verdict.column
    if verdict.of:
        told["of"] = verdict.of
    return told


def sentence(told: Mapping[str, Any], language: str) -> str:
    """Why a row is left out, for people."""
    text = ROWS[told["code"]].of(language).replace("{n}", str(told.get("of", "")))
    return f"{told['column']}: {text}" if told.get("column") else text


def errors_file(found: Iterator[Judged], names: tuple[str, ...], language: str) -> Iterator[str]:
    """A file of the refused rows with why, to be mended and sent again; as pieces of CSV.

    What a sheet would take for a formula has an apostrophe before it
    (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    heads = ("ردیف فایل", "ایراد") if language == "fa" else ("line in file", "problem")
    yield "\ufeff" + _line([*heads, *names])
    for one in found:
        if isinstance(one.verdict, Refused):
            told = example(one)
            yield _line([str(told["line"]), sentence(told, language), *one.row.cells])


def _line(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(safe(cell) for cell in cells)
    return written.getvalue()


def safe(cell: str) -> str:
    """A cell that no sheet runs as a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
