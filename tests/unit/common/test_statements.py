"""Named values of SQL as the driver counts them."""

from __future__ import annotations

import pytest

from libs.common.database.statements import text


@pytest.mark.parametrize(
    ("written", "sql", "names"),
    [
        ("SELECT 1", "SELECT 1", ()),
        ("SELECT :a, :b", "SELECT $1, $2", ("a", "b")),
        ("SELECT :b, :a, :b", "SELECT $1, $2, $1", ("b", "a")),
        ("SELECT now()::date, ':' || x", "SELECT now()::date, ':' || x", ()),
        ("SELECT '12:30', CAST(:a_1 AS int)", "SELECT '12:30', CAST($1 AS int)", ("a_1",)),
        (r"SELECT '\:a', :a", "SELECT ':a', $1", ("a",)),
        ("SELECT a[1:2], b[:n]", "SELECT a[1:2], b[$1]", ("n",)),
    ],
)
def test_names_become_numbers(written: str, sql: str, names: tuple[str, ...]) -> None:
    assert text(written) == (sql, names)
    assert text(written) is text(written)
