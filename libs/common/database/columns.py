"""A column of values as one text, which Postgres takes apart: `CAST(CAST(:x AS text) AS uuid[])`.

The driver asks of each value of a list whether it is a list itself, a quarter of a microsecond
for each; a slice has thousands of them.
"""

from __future__ import annotations

from collections.abc import Iterable


def listed(values: Iterable[object]) -> str:
    """An array of ids, numbers, days or moments as Postgres writes it; None is NULL.

    Not for texts of others: nothing is quoted.
    """
    return f"{{{','.join(['NULL' if value is None else str(value) for value in values])}}}"
