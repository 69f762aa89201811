"""A source is called silent by its own habit only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.desk.sources.silence import AT_LEAST, ENOUGH, habit

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def every(hours: float, count: int, last_ago: float) -> list[datetime]:
    last = NOW - timedelta(hours=last_ago)
    return [last - timedelta(hours=hours * n) for n in range(count)]


def test_a_busy_source_may_sleep_over_a_friday_and_no_longer() -> None:
    assert not habit(every(1, 50, 35), NOW).is_silent
    found = habit(every(1, 50, 37), NOW)
    assert found.is_silent
    assert found.usual == timedelta(hours=1)


def test_a_rare_source_is_measured_by_its_own_longest_pause() -> None:
    rare = every(100, ENOUGH, 99)
    assert not habit(rare, NOW).is_silent
    assert habit(every(100, ENOUGH, 101), NOW).is_silent


def test_without_a_habit_nothing_is_said() -> None:
    assert not habit(every(1, ENOUGH - 1, 1000), NOW).is_silent
    assert not habit([], NOW).is_silent
    assert timedelta(hours=24) < AT_LEAST
