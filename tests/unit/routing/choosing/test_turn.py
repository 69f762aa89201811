"""The order of the queue: hottest first, oldest first, and nobody waits for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.configuration.schema import Organisation
from libs.common.working import Calendar, calendar_of
from services.routing.choosing.turn import DAYS_TO_HOT, Turn, turn_of

START = datetime(2026, 11, 22, 9, tzinfo=UTC)
WEEK = {key: ["09:00-17:00"] for key in ("sat", "sun", "mon", "tue", "wed")}
CALENDARS = [
    calendar_of(Organisation.model_validate({"working_week": week})) for week in (None, WEEK)
]
ARRIVALS = st.lists(
    st.tuples(st.integers(0, 60 * 24 * 20), st.sampled_from(sorted(DAYS_TO_HOT))),
    min_size=1,
    max_size=40,
)


def served(turns: list[Turn]) -> list[str]:
    return [turn.lead_id for turn in sorted(turns)]


def test_hottest_first_and_oldest_first_within_a_temperature() -> None:
    came = ["cold", "warm", "hot", "hot", "warm"]
    turns = [
        turn_of(f"{n}-{name}", START + timedelta(minutes=n), name, CALENDARS[0])
        for n, name in enumerate(came)
    ]
    assert served(turns) == ["2-hot", "3-hot", "1-warm", "4-warm", "0-cold"]


def test_a_day_off_does_not_age_a_lead() -> None:
    thursday = datetime(2026, 11, 26, 9, tzinfo=UTC)
    warm = turn_of("warm", thursday, "warm", CALENDARS[1])
    saturday = turn_of("hot", thursday + timedelta(days=1, hours=23), "hot", CALENDARS[1])
    assert served([warm, saturday]) == ["hot", "warm"]


@settings(deadline=None, max_examples=80)
@given(arrivals=ARRIVALS, calendar=st.sampled_from(CALENDARS))
def test_a_lead_is_only_overtaken_by_those_that_came_within_its_days_to_hot(
    arrivals: list[tuple[int, str]], calendar: Calendar
) -> None:
    """So with seats that go on freeing, every lead is served after boundedly many others."""
    came = {
        f"{n:02}": (START + timedelta(minutes=minute), name)
        for n, (minute, name) in enumerate(arrivals)
    }
    turns = {key: turn_of(key, at, name, calendar) for key, (at, name) in came.items()}
    order = served(list(turns.values()))
    for place, key in enumerate(order):
        since, name = came[key]
        hot_at = calendar.days_later(since, DAYS_TO_HOT[name])
        assert all(came[ahead][0] <= hot_at for ahead in order[:place])


@settings(deadline=None, max_examples=80)
@given(arrivals=ARRIVALS, every=st.integers(1, 600))
def test_every_lead_is_served_when_seats_go_on_freeing(
    arrivals: list[tuple[int, str]], every: int
) -> None:
    waiting: list[Turn] = []
    coming = sorted((START + timedelta(minutes=m), str(n), t) for n, (m, t) in enumerate(arrivals))
    now, given_away = START, []
    for _ in range(len(coming) + 1 + 60 * 24 * 20 // every):
        while coming and coming[0][0] <= now:
            at, lead_id, name = coming.pop(0)
            waiting.append(turn_of(lead_id, at, name, CALENDARS[0]))
        if waiting:
            head = min(waiting)
            waiting.remove(head)
            given_away.append(head.lead_id)
        now += timedelta(minutes=every)
    assert sorted(given_away) == sorted(str(n) for n in range(len(arrivals)))
