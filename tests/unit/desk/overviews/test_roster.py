"""Who is here, since when the week runs, and what a fair share is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from libs.common.configuration.schema import Specialist, Team
from services.desk.overviews.roster import Pause, Presence, presence, shares, week_start

TEHRAN = ZoneInfo("Asia/Tehran")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
"""A Sunday."""


def somebody(key: str = "sara", **more: object) -> Specialist:
    return Specialist.model_validate({"key": key, "name": key, **more})


def test_the_week_begins_on_saturday_at_the_organisations_midnight() -> None:
    assert week_start(NOW, TEHRAN) == datetime(2026, 11, 21, tzinfo=TEHRAN)
    friday_night = datetime(2026, 11, 20, 20, 29, tzinfo=UTC)
    assert week_start(friday_night, TEHRAN) == datetime(2026, 11, 14, tzinfo=TEHRAN)
    saturday = friday_night + timedelta(minutes=1)
    assert week_start(saturday, TEHRAN) == datetime(2026, 11, 21, tzinfo=TEHRAN)


def test_a_pause_ends_by_itself_and_comes_before_a_leave() -> None:
    away = somebody(away=[{"from": "2026-11-20", "to": "2026-11-25"}])
    pause = Pause(NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    assert presence(away, pause, None, NOW, TEHRAN) == Presence("paused", pause.until)
    later = presence(away, pause, None, NOW + timedelta(hours=1), TEHRAN)
    assert later == Presence("away", datetime(2026, 11, 26, tzinfo=TEHRAN))


def test_leaves_that_touch_are_one_and_jalali_days_are_read() -> None:
    away = somebody(
        away=[
            {"from": "1405-09-03", "to": "1405-09-05"},
            {"from": "2026-11-20", "to": "2026-11-23"},
        ]
    )
    assert presence(away, None, None, NOW, TEHRAN).until == datetime(2026, 11, 27, tzinfo=TEHRAN)


def test_off_hours_are_said_with_the_next_opening() -> None:
    opens = NOW + timedelta(hours=3)
    assert presence(somebody(), None, opens, NOW, TEHRAN) == Presence("off", opens)
    assert presence(somebody(), None, NOW, NOW, TEHRAN) == Presence("here")


def test_a_share_is_what_the_weights_make_of_all_that_was_given() -> None:
    team = Team.model_validate(
        {
            "key": "seo",
            "name": "SEO",
            "specialists": [
                {"key": "sara", "name": "Sara", "weight": 2},
                {"key": "omid", "name": "Omid", "weight": 1},
            ],
        }
    )
    found = shares(team, {"sara": 5, "omid": 4, "gone": 7})
    assert (found["sara"].given, found["sara"].due) == (5, 6.0)
    assert (found["omid"].given, found["omid"].due) == (4, 3.0)
