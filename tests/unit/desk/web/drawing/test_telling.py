"""How the pages tell a story and a deadline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.acting.entry import Entry
from services.desk.shapes import moment
from services.desk.web.drawing.dates import Clock
from services.desk.web.drawing.telling import told

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Tehran")


@pytest.mark.parametrize("zone", ["Asia/Tehran", "America/Los_Angeles"])
@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("year", [1, 621, 9999])
def test_a_moment_at_an_end_of_the_calendar_breaks_no_page(
    year: int, language: str, zone: str
) -> None:
    clock = Clock(zone, language, NOW)
    for end in (datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, 59, tzinfo=UTC)):
        at = moment(end.replace(tzinfo=None))  # as an infinity of Postgres is read
        assert at is not None
        assert len(told([{"kind": "noted", "at": at}], ZoneInfo(zone))) == 1
        for said in (clock.full, clock.day, clock.ago, clock.soon, clock.until, clock.short_day):
            assert said(at)


@given(st.lists(st.tuples(st.sampled_from(["page_view", "noted", "scored"]), st.integers(0, 4000))))
def test_no_line_is_lost_and_only_views_in_a_row_are_folded(found: list[tuple[str, int]]) -> None:
    lines: list[dict[str, Any]] = [
        {"kind": kind, "at": (NOW - timedelta(minutes=ago)).isoformat()}
        for kind, ago in sorted(found, key=lambda one: one[1])
    ]
    days = told(lines, ZONE)
    assert [line for groups in days for group in groups for line in group] == lines
    for groups in days:
        for group in groups:
            assert len(group) == 1 or {line["kind"] for line in group} == {"page_view"}
            days_of = {datetime.fromisoformat(line["at"]).astimezone(ZONE).date() for line in group}
            assert len(days_of) == 1
        kinds = [group[0]["kind"] for group in groups]
        assert ("page_view", "page_view") not in pairwise(kinds)


@pytest.mark.parametrize(
    ("minutes", "level", "fa", "en"),
    [
        (0, "calm", "۲۰ دقیقه مانده", "20 min left"),
        (10, "half", "فقط ۱۰ دقیقه مانده", "only 10 min left"),
        (16, "fifth", "عجله! ۴ دقیقه مانده", "hurry, 4 min left"),
        (19.5, "fifth", "عجله! کمتر از یک دقیقه مانده", "hurry, under a minute left"),
        (20, "late", "کمتر از یک دقیقه دیر شده", "late by under a minute"),
        (200, "late", "۳ ساعت دیر شده", "late by 3 h"),
    ],
)
def test_a_deadline_in_words(minutes: float, level: str, fa: str, en: str) -> None:
    marks = {"half_at": 10, "last_fifth_at": 16, "due_at": 20}
    deadline = {name: (NOW + timedelta(minutes=at)).isoformat() for name, at in marks.items()}
    now = NOW + timedelta(minutes=minutes)
    assert Clock("Asia/Tehran", "fa", now).left(deadline) == (level, fa)
    assert Clock("Asia/Tehran", "en", now).left(deadline) == (level, en)


@pytest.mark.parametrize(
    ("hours", "fa", "en"),
    [
        (1, "۱۳:۳۰", "13:30"),
        (20, "فردا ۰۸:۳۰", "tomorrow 08:30"),
        (48, "سه‌شنبه ۱۲:۳۰", "Tuesday 12:30"),
        (240, "۱۱ آذر ۱۴۰۵، ۱۲:۳۰", "2 December 2026, 12:30"),
    ],
)
def test_a_moment_to_come(hours: int, fa: str, en: str) -> None:
    at = (NOW + timedelta(hours=hours)).isoformat()
    assert Clock("Asia/Tehran", "fa", NOW).soon(at) == fa
    assert Clock("Asia/Tehran", "en", NOW).soon(at) == en


@pytest.mark.parametrize(
    ("phone", "odd"),
    [
        ("۰۹۱۲ ۱۲۳ ۴۵۶۷", False),
        ("+14155550100", False),
        ("021-88776655", False),
        ("0912800\u200c0033", False),
        ("\u200f۰۹۱۲۸۰۰۰۰۳۳", False),
        ("０９１２８００００３３", False),
        ("0912 800 0033 داخل ۴", False),
        ("021 88776655 / 09128000033", False),
        ("شماره: 09128000033", False),
        ("12", True),
        ("زنگ", True),
    ],
)
def test_a_number_that_cannot_be_one(phone: str, odd: bool) -> None:  # noqa: FBT001 - a table
    assert Entry(phone=phone).is_odd_phone("IR") is odd
