"""The last day of a source's token is read from the file, and gets louder as it comes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from libs.common.configuration.load import load
from libs.common.expiring import Expiry, expiries
from tests.unit.common.configuration.test_load import VALID

NOON = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)


def seen(day: str, now: datetime = NOON) -> Expiry:
    source = f"{{key: a, kind: hubspot, secret: s, access_token: t, token_expires: {day}}}"
    others = "{key: b, kind: json}, {key: c, kind: hubspot, secret: s, access_token: t}"
    (found,) = expiries(load(f"{VALID}sources: [{source}, {others}]", {}).configuration, now, {})
    return found


@pytest.mark.parametrize("day", ["2027-01-15", "1405-10-25", "'2027-01-15'", "'1405-10-25'"])
def test_the_last_day_is_written_like_every_day(day: str) -> None:
    assert seen(day) == Expiry("a", "hubspot", date(2027, 1, 15), 14, is_told=False)


@pytest.mark.parametrize(
    ("left", "level"),
    [(15, "calm"), (14, "warn"), (4, "warn"), (3, "alarm"), (0, "alarm"), (-1, "past")],
)
def test_it_is_louder_the_nearer_it_comes(left: int, level: str) -> None:
    found = seen((NOON.date() + timedelta(days=left)).isoformat())
    assert (found.left, found.level) == (left, level)


def test_days_are_the_organisations() -> None:
    evening = datetime(2027, 1, 1, 20, 40, tzinfo=UTC)
    assert seen("2027-01-02", evening).left == 0, "it is the second in Tehran already"


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("access_token: t", 9),
        ("access_token: t, token_expires: 2027-01-15", 14),
        ("secret: s", None),
    ],
)
def test_what_a_platform_told_counts_where_nothing_is_written_down(
    written: str, left: int | None
) -> None:
    content = load(f"{VALID}sources: [{{key: a, kind: json, {written}}}]", {})
    told = {("json", "a"): date(2027, 1, 10), ("json", "b"): date(2027, 1, 2)}
    found = expiries(content.configuration, NOON, told)
    assert [one.left for one in found] == ([left] if left else [])
