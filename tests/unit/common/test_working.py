"""Working time: the vectors that people know by heart, and what holds for every week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.configuration.schema import Organisation, Week
from libs.common.working import Calendar, calendar_of

TEN_TO_SIX = {key: ["10:00-18:00"] for key in ("mon", "tue", "wed", "thu", "fri")}
IRAN = {key: ["09:00-17:00"] for key in ("sat", "sun", "mon", "tue", "wed")} | {
    "thu": ["09:00-13:00"]
}


def calendar(week: dict[str, Any] | None, zone: str = "Asia/Tehran", *holidays: str) -> Calendar:
    return calendar_of(
        Organisation.model_validate(
            {"time_zone": zone, "working_week": week, "holidays": list(holidays)}
        )
    )


def local(of: Calendar, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=of.zone)


def added(of: Calendar, text: str, span: timedelta) -> str:
    return of.add(local(of, text), span).astimezone(of.zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("since", "hours", "due"),
    [
        ("2026-11-25 15:00", 10, "2026-11-26 17:00"),  # Wednesday to Thursday
        ("2026-11-25 20:00", 10, "2026-11-27 12:00"),  # Wednesday evening to Friday
        ("2026-11-25 15:00", 3, "2026-11-25 18:00"),
        ("2026-11-27 17:59", 1, "2026-11-30 10:59"),  # over the week-end
    ],
)
def test_ten_to_six(since: str, hours: int, due: str) -> None:
    assert added(calendar(TEN_TO_SIX), since, timedelta(hours=hours)) == due


def test_thursday_is_half_and_friday_off() -> None:
    iran = calendar(IRAN)
    assert added(iran, "2026-11-26 12:00", timedelta(hours=2)) == "2026-11-28 10:00"
    assert not iran.is_open(local(iran, "2026-11-26 13:00"))
    assert iran.is_open(local(iran, "2026-11-26 12:59"))
    assert not iran.is_open(local(iran, "2026-11-27 10:00"))


@pytest.mark.parametrize("nowruz", ["1406-01-01", "2027-03-21"])
def test_nowruz_in_either_calendar(nowruz: str) -> None:
    iran = calendar(IRAN, "Asia/Tehran", nowruz)
    opening = iran.next_opening(local(iran, "2027-03-20 18:00"))
    assert opening == local(iran, "2027-03-22 09:00")


def test_the_hour_that_is_skipped_or_comes_twice_counts_as_it_passes() -> None:
    night = calendar(
        {key: ["00:00-06:00"] for key in TEN_TO_SIX | {"sun": 0, "sat": 0}}, "Europe/Berlin"
    )
    spring, autumn = local(night, "2026-03-29 00:00"), local(night, "2026-10-25 00:00")
    assert night.between(spring, spring + timedelta(days=1)) == timedelta(hours=5)
    assert night.between(autumn, autumn + timedelta(days=1)) == timedelta(hours=7)
    assert added(night, "2026-03-29 00:00", timedelta(hours=5)) == "2026-03-29 06:00"


def test_without_a_week_it_is_always_open() -> None:
    always = calendar(None, "Asia/Tehran", "2026-11-22")
    at = datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert always.is_open(at)
    assert always.add(at, timedelta(hours=9)) == at + timedelta(hours=9)


def test_an_own_week_has_its_own_zone_and_the_holidays_of_all() -> None:
    firm = Organisation.model_validate({"time_zone": "Asia/Tehran", "holidays": ["2026-11-24"]})
    berlin = calendar_of(
        firm, Week(time_zone="Europe/Berlin", mon=("09:00-17:00",), tue=("09:00-24:00",))
    )
    assert berlin.zone == ZoneInfo("Europe/Berlin")
    assert berlin.next_opening(local(berlin, "2026-11-23 18:00")) == local(
        berlin, "2026-11-30 09:00"
    )


def test_days_later_are_working_days() -> None:
    iran = calendar(IRAN)
    assert iran.days_later(local(iran, "2026-11-26 15:00"), 2) == local(iran, "2026-11-29 15:00")


def _ranges(cuts: list[int]) -> list[str]:
    marks = sorted(set(cuts))
    pairs = zip(marks[::2], marks[1::2], strict=False)
    return [f"{a // 2:02}:{a % 2 * 30:02}-{b // 2:02}:{b % 2 * 30:02}" for a, b in pairs]


WEEKS = st.dictionaries(
    st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
    st.lists(st.integers(0, 48), min_size=2, max_size=6, unique=True).map(_ranges),
    min_size=1,
)
ZONES = st.sampled_from(["Asia/Tehran", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe"])
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=730)).map(
    lambda since: datetime(2026, 1, 1, tzinfo=UTC) + since
)
SPANS = st.timedeltas(timedelta(0), timedelta(days=9))


@settings(deadline=None, max_examples=60)
@given(week=WEEKS, zone=ZONES, at=MOMENTS, span=SPANS, more=SPANS)
def test_adding_and_measuring_agree_and_nothing_ends_in_a_closed_time(
    week: dict[str, Any], zone: str, at: datetime, span: timedelta, more: timedelta
) -> None:
    of = calendar(week, zone, "2026-03-29", "1405-01-01")
    due = of.add(at, span)
    assert of.between(at, due) == span
    assert due <= of.add(at, span + more)
    assert due <= of.add(at + more, span)
    assert of.is_open(due) or of.is_open(due - timedelta(microseconds=1))
    opening = of.next_opening(at)
    assert of.is_open(opening)
    assert of.between(at, opening) == timedelta(0)
    assert of.is_open(at) == (opening == at)
