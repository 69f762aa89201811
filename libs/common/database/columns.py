"""A column of values as one text, which Postgres takes apart: `CAST(CAST(:x AS text) AS uuid[])`.

The driver asks of each value of a list whether it is a list itself, a quarter of a microsecond
for each; a slice has thousands of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import MAXYEAR, MINYEAR, UTC, datetime

from libs.common.database.connection import BadValue


def listed(values: Iterable[object]) -> str:
    """An array of ids, numbers or days as Postgres writes it; None is NULL.

    Not for texts of others: nothing is quoted.
    """
    return f"{{{','.join(['NULL' if value is None else str(value) for value in values])}}}"


def moments(values: Iterable[datetime | None]) -> str:
    """An array of moments, each with its offset; None is NULL.

    Raises BadValue for one that is outside our years in UTC: Postgres would keep it, and nobody
    could read it again.
    """
    return listed(None if value is None else _readable(value) for value in values)


def _readable(value: datetime) -> datetime:
    if MINYEAR < value.year < MAXYEAR:
        return value
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise BadValue("a moment") from None
