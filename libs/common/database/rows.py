"""What a statement gives: rows that are read by name, in the ways the stores want them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import asyncpg


class Row(asyncpg.Record):
    """A row: `row.name`, `row["name"]`, `row[0]`, `dict(row)`; as a sequence it is its values."""

    def __getattr__(self, name: str) -> Any:
        """The column of that name."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Result:
    """The rows of one statement."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def all(self) -> Sequence[Row]:
        """Every row."""
        return self._rows

    def first(self) -> Row | None:
        """The first row, if there is any."""
        return self._rows[0] if self._rows else None

    def one(self) -> Row:
        """The only row. Raises ValueError where there is none, or another."""
        (row,) = self._rows
        return row

    def scalars(self) -> list[Any]:
        """The first column."""
        return [row[0] for row in self._rows]

    def scalar(self) -> Any:
        """The first column of the first row, None where there is none."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first column of the only row. Raises ValueError where there is none, or another."""
        return self.one()[0]
