"""From when on something is old, whatever the file says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from libs.common.configuration.values import LONGEST, duration
from libs.common.forgetting import old_before

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def test_what_is_older_than_it_is_kept_is_old() -> None:
    assert old_before("90d", NOW) == NOW - timedelta(days=90)
    assert old_before("1000y", NOW) == NOW - LONGEST == NOW - duration("1000y")


@pytest.mark.parametrize("kept", ["3000y", "9999y", "999999d", "999999y"])
def test_what_is_kept_for_longer_than_there_are_years_is_never_old(kept: str) -> None:
    assert old_before(kept, NOW) == datetime.min.replace(tzinfo=UTC)
