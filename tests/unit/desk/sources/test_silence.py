"""A source is called silent by its own habit only: soon in its busy hours, and never by night."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.desk.sources.silence import AT_LEAST, ENOUGH, habit, usual_pause
from tests.unit.desk.sources.rhythms import (
    ALL,
    DAY,
    FRI,
    HOUR,
    MINUTE,
    MON,
    MONDAY,
    OFFICE,
    SAT,
    TEHRAN,
    THU,
    WED,
    WEEK,
    chance,
    false_alarms,
    habit_of,
    last_at,
    noticed,
    regular,
)

DAYS = st.frozensets(st.sampled_from(sorted(ALL)), min_size=1)
RHYTHMS = st.builds(
    regular,
    every=st.integers(2, 300).map(lambda minutes: minutes * MINUTE),
    opens=st.integers(0, 12),
    closes=st.integers(13, 24),
    days=DAYS,
    weeks=st.integers(3, 4),
)


@given(RHYTHMS.filter(lambda found: len(found) > 2 * ENOUGH))
@settings(max_examples=20, deadline=None)
def test_a_regular_source_is_never_silent_between_its_arrivals_nights_and_days_off_apart(
    arrivals: list[datetime],
) -> None:
    """For every arrival of the last week: until the next one it was not called silent."""
    assert false_alarms(arrivals, arrivals[-1] - WEEK) == 0


@given(
    every=st.integers(2, 90),
    opens=st.integers(0, 9),
    lasting=st.integers(10, 15),
    days=st.frozensets(st.sampled_from(sorted(ALL)), min_size=3),
)
@settings(max_examples=25, deadline=None)
def test_of_a_regular_source_it_is_noticed_within_a_few_of_its_own_pauses(
    every: int, opens: int, lasting: int, days: frozenset[int]
) -> None:
    arrivals = regular(every * MINUTE, opens, opens + lasting, days, 4)
    # in the morning of its last day: enough of it is left
    day = arrivals[-1] - (arrivals[-1] - MONDAY) % DAY
    stopped = [one for one in arrivals if one <= day + (opens + 1) * HOUR]
    after = noticed(stopped)
    assert after
    assert after <= HOUR + 5 * every * MINUTE


@given(RHYTHMS.filter(lambda found: len(found) > 2 * ENOUGH), st.integers(1, 400))
@settings(max_examples=20, deadline=None)
def test_what_is_silent_stays_so_until_something_comes(
    arrivals: list[datetime], hours: int
) -> None:
    found, newest = habit_of(arrivals), arrivals[-1]
    quiet = noticed(arrivals)
    assert quiet
    later = quiet + hours * HOUR
    assert found.is_silent(newest, later, newest + later)


@given(RHYTHMS.filter(lambda found: len(found) > 100), st.integers(7, 16), st.floats(0.5, 3))
@settings(max_examples=25, deadline=None)
def test_one_outage_hides_not_the_next(arrivals: list[datetime], day: int, days: float) -> None:
    """It makes nobody wait for as long as it lasted itself, nor much longer than before."""
    begun = MONDAY + day * DAY
    broken = [one for one in arrivals if not begun < one < begun + days * DAY]
    before, after = noticed(arrivals), noticed(broken)
    assert before
    assert after
    own, own_after = (
        habit_of(arrivals).rhythm.expected(arrivals[-1], arrivals[-1] + quiet)
        for quiet in (before, after)
    )
    assert own_after <= 2 * own + 1


def shop(an_hour: float) -> list[datetime]:
    """Few by night, fewer on Fridays, and in the evening later on some days than on others."""
    by_hour = (1, 0, 0, 0, 0, 0, 1, 3, 6, 9, 10, 10, 9, 8, 8, 9, 10, 10, 10, 9, 9, 8, 6, 3)

    def rate(local: datetime) -> float:
        return an_hour * by_hour[local.hour] / 10 * (0.4 if local.weekday() == FRI else 1)

    return list(chance(rate, 10, seed=7))


def office(an_hour: float) -> list[datetime]:
    """Saturday to Wednesday from nine to five, and half of Thursday."""

    def rate(local: datetime) -> float:
        day = local.weekday()
        closes = 17 if day in OFFICE else 13 if day == THU else 0
        return an_hour if 9 <= local.hour < closes else 0.0

    return list(chance(rate, 10, seed=11))


@pytest.mark.parametrize(
    ("arrivals", "hours"),
    [(shop(8), 4), (shop(40), 2), (shop(1), 12), (office(6), 3), (office(2), 24)],
    ids=["shop", "big shop", "small shop", "busy office", "office"],
)
def test_as_people_come_it_is_noticed_within_hours_and_hardly_ever_without_cause(
    arrivals: list[datetime], hours: float
) -> None:
    """Ten weeks of each: one false alarm in six of them is what chance may bring."""
    assert false_alarms(arrivals, MONDAY + 4 * WEEK) <= 1
    after = noticed(last_at(arrivals, MON, 10))
    assert after
    assert after <= hours * HOUR


def test_over_a_weekend_an_office_is_not_silent_and_on_the_next_morning_it_is() -> None:
    arrivals = last_at(office(6), WED, 15)
    quiet = noticed([one for one in arrivals if one.astimezone(TEHRAN.zone).hour < 17])
    assert quiet
    # Thursday is half a day of it: whoever stops on Wednesday afternoon is noticed on Thursday
    assert 17 * HOUR < quiet < 22 * HOUR
    arrivals = last_at(office(6), THU, 12)
    quiet = noticed(arrivals)
    assert quiet
    noon = (arrivals[-1] + quiet).astimezone(TEHRAN.zone)
    assert (noon.weekday(), noon.hour in {9, 10, 11}) == (SAT, True)


def test_a_holiday_counts_for_nothing() -> None:
    arrivals = last_at(office(6), MON, 16)
    tuesday = arrivals[-1].astimezone(TEHRAN.zone).date() + DAY
    plain = noticed(arrivals)
    off = noticed(arrivals, replace(TEHRAN, holidays=frozenset({tuesday})))
    assert plain
    assert off
    assert abs(off - plain - DAY) < HOUR


def test_a_rare_source_is_given_weeks() -> None:
    weekly = [MONDAY + 10 * HOUR + n * WEEK for n in range(30)]
    quiet = noticed(weekly)
    assert quiet
    assert WEEK < quiet <= 3 * WEEK
    fewer = noticed(weekly[-ENOUGH:])
    assert fewer
    assert quiet <= fewer <= 4 * WEEK, "the fewer arrivals, the more patience"


def test_a_new_source_sleeps_over_a_friday_whatever_it_did_before() -> None:
    new = [MONDAY + n * HOUR for n in range(50)]
    assert not habit_of(new).is_silent(new[-1], 35 * HOUR, new[-1] + 35 * HOUR)
    assert habit_of(new).is_silent(new[-1], 37 * HOUR, new[-1] + 37 * HOUR)


def test_without_a_habit_nothing_is_said() -> None:
    few = [MONDAY + n * HOUR for n in range(ENOUGH - 1)]
    assert (habit(few, TEHRAN), habit([], TEHRAN), usual_pause(few)) == (None, None, None)


def test_of_what_nobody_listened_to_the_quieter_hours_count() -> None:
    """Heard at four, away until midnight, and listening through the night: nobody could come."""
    arrivals = last_at(office(6), MON, 16)
    night = arrivals[-1] + 16 * HOUR
    found = habit_of(arrivals)
    assert found.is_silent(arrivals[-1] - 6 * HOUR, 6 * HOUR, arrivals[-1])
    assert not found.is_silent(arrivals[-1] - 6 * HOUR, 6 * HOUR, night - 2 * HOUR)


def test_a_campaign_that_ends_is_told_a_few_times_and_then_known() -> None:
    def rate(local: datetime) -> float:
        return 6.0 if local.replace(tzinfo=None) < datetime(2026, 8, 31) else 0.2  # noqa: DTZ001 - Tehran's

    arrivals = list(chance(rate, 9, seed=3))
    assert 1 <= false_alarms(arrivals, MONDAY + 4 * WEEK) <= 10


def test_how_long_it_is_usually_quiet_at_most_is_said_by_the_clock() -> None:
    arrivals = last_at(regular(10 * MINUTE, 9, 21, ALL, 5), MON, 12)
    found, newest = habit_of(arrivals), arrivals[-1]
    by_day = found.usual_until(newest, newest + 5 * HOUR)
    assert 15 * MINUTE <= by_day <= 45 * MINUTE
    evening = last_at(arrivals, MON, 20)[-1]
    assert 12 * HOUR < found.usual_until(evening, evening + DAY) < 13 * HOUR
    assert found.usual_until(newest, newest + MINUTE) == MINUTE, "never later than now"


def test_the_usual_pause_is_the_middle_one() -> None:
    assert usual_pause([MONDAY + n * n * HOUR for n in range(11)]) == 11 * HOUR
    assert timedelta(hours=2) > AT_LEAST
