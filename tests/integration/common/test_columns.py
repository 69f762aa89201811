"""Columns as one text: what Postgres takes apart again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from libs.common.database import Database
from libs.common.database.columns import listed, moments
from libs.common.database.connection import BadValue
from libs.common.database.statements import text

_ID = "0192e6a5-8f4e-7c3a-9b1d-2f6a7c8d9e10"
_AT = datetime(2026, 11, 22, 9, 30, 0, 125, tzinfo=UTC)
_EAST, _WEST = timezone(timedelta(hours=3, minutes=30)), timezone(timedelta(hours=-8))


async def test_columns_come_apart_as_they_were(database: Database) -> None:
    given = {
        "ids": listed([_ID, None]),
        "days": listed([date(2026, 11, 22), None]),
        "ats": listed([None, _AT]),
        "numbers": listed([1, -2]),
        "none": listed([]),
    }
    async with database.transaction() as tx:
        rows = await tx.execute(
            text("""
                SELECT * FROM unnest(
                    CAST(CAST(:ids AS text) AS uuid[]), CAST(CAST(:days AS text) AS date[]),
                    CAST(CAST(:ats AS text) AS timestamptz[]),
                    CAST(CAST(:numbers AS text) AS int[]),
                    CAST(CAST(:none AS text) AS uuid[]))
            """),
            given,
        )
    assert [tuple(row) for row in rows] == [
        (UUID(_ID), date(2026, 11, 22), None, 1, None),
        (None, None, _AT, -2, None),
    ]


async def test_moments_come_apart_as_they_were(database: Database) -> None:
    ends = (datetime.min.replace(tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=_EAST))
    given = [_AT, None, _AT.astimezone(_WEST), *ends]
    async with database.transaction() as tx:
        found = await tx.scalars(
            text("SELECT unnest(CAST(CAST(:ats AS text) AS timestamptz[]))"),
            {"ats": moments(given)},
        )
    assert list(found) == given


@pytest.mark.parametrize(
    "at", [datetime(1, 1, 1, tzinfo=_EAST), datetime(9999, 12, 31, 23, tzinfo=_WEST)]
)
def test_a_moment_that_could_not_be_read_again_is_refused(at: datetime) -> None:
    with pytest.raises(BadValue):
        moments([_AT, at])


async def test_a_transactions_first_statement_goes_out_with_its_beginning(
    database: Database,
) -> None:
    async with database.transaction("SELECT set_config('sarnakh.mark', 'made', true)") as tx:
        assert await tx.scalar(text("SELECT current_setting('sarnakh.mark')")) == "made"
    async with database.transaction() as tx:
        assert await tx.scalar(text("SELECT current_setting('sarnakh.mark', true)")) == ""
