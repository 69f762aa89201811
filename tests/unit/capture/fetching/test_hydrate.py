"""What follows from a try to fetch: never a lead dropped, never a platform hurried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.events import LeadCaptured
from services.capture.fetching import pace as paces
from services.capture.fetching.hydrate import Fetching, after
from services.capture.fetching.pace import Pace, Try, room
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Content, Failed, Missing, Refused, Result, Throttled

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LEAD = LeadCaptured(
    submission_id="s", kind="webhook", source="ads", source_kind="meta", received_at=START,
    digest="d", raw=b"", hydrate=True, platform_id="7",
)  # fmt: skip
PACE = Pace("meta", "ads", START)
RESULTS: st.SearchStrategy[Result] = st.one_of(
    st.just(Content(Arrival("7", b"c"))),
    st.builds(Failed, st.just("503")),
    st.builds(Throttled, st.just("4"), st.none() | st.floats(60, 3600)),
    st.builds(Refused, st.just("190"), st.booleans()),
    st.builds(Missing, st.just("100/33"), st.booleans()),
)


def fetching(tries: int = 1, missing: int = 0) -> Fetching:
    return Fetching("s", "7", LEAD, tries, missing)


def at(now: datetime, began: datetime | None = None) -> Try:
    return Try(began or now, now, "token", 0.5)


@given(st.lists(st.tuples(RESULTS, st.integers(0, 4000), st.integers(0, 60)), max_size=40))
def test_whatever_comes_a_lead_is_published_or_tried_again(
    steps: list[tuple[Result, int, int]],
) -> None:
    pace, one, now = PACE, fetching(), START
    for result, gap, lasted in steps:
        now += timedelta(seconds=gap)
        step = after(result, one, pace, at(now, now - timedelta(seconds=lasted)))
        assert (step.arrival is None) == (step.due_at is not None) == (step.fetching is not None)
        assert (step.pace.reason is not None) <= (step.pace.failures > 0)
        assert step.pace.changes >= pace.changes
        if step.due_at is not None and step.fetching is not None:
            assert now <= step.due_at <= now + timedelta(hours=1)
            one = step.fetching._replace(tries=step.fetching.tries + 1)
        pace = step.pace
        assert pace.next_at <= now + timedelta(hours=2)


@given(RESULTS.filter(lambda result: not isinstance(result, Content | Missing)), st.integers(0, 9))
def test_after_what_went_wrong_at_most_one_is_asked_and_not_at_once(
    result: Result, failures: int
) -> None:
    pace = PACE._replace(failures=failures, failing=("a", "b"), denied=("a", "b"))
    step = after(result, fetching(), pace, at(START))
    assert room(step.pace, "token", START, 4) == 0
    assert room(step.pace, "token", START + timedelta(hours=2), 4) == 1


def test_those_under_way_together_count_as_one_failure() -> None:
    pace = PACE
    for _ in range(4):
        now = START + timedelta(seconds=1)
        pace = after(Refused("190", everywhere=True), fetching(), pace, at(now, START)).pace
    assert (pace.failures, pace.changes) == (1, 1)
    assert pace.next_at == START + timedelta(seconds=301)


def test_a_success_that_was_under_way_lifts_no_wait_that_was_told_since() -> None:
    told = after(Throttled("4", 600.0), fetching(), PACE, at(START + timedelta(seconds=1), START))
    late = at(START + timedelta(seconds=2), START)
    assert after(Content(Arrival("7", b"c")), fetching(), told.pace, late).pace == told.pace
    assert after(Failed("503"), fetching(), told.pace, late).pace == told.pace


def test_a_lead_is_asked_for_within_a_minute_of_its_platforms_return() -> None:
    long_away = after(Failed("503"), fetching(tries=20), PACE._replace(failures=20), at(START))
    alone = after(Failed("503"), fetching(tries=20), PACE, at(START))
    for step in (long_away, alone):
        assert step.due_at is not None
        assert max(step.due_at, step.pace.next_at) <= START + timedelta(seconds=45)
    at_fault = after(Failed("503"), fetching(tries=20)._replace(suspect=True), PACE, at(START))
    assert at_fault.due_at is not None
    assert at_fault.due_at > START + timedelta(minutes=20)


def test_another_token_is_tried_at_once_and_the_same_one_is_not() -> None:
    pace = paces.stopped(PACE, "190", "token", at(START))
    assert room(pace, "token", START, 4) == 0
    assert room(pace, "fresh", START, 4) == 1
    probing = paces.asked(pace, 1, "fresh", START)
    assert room(probing, "fresh", START, 4) == 0


def test_a_source_is_asked_in_measure() -> None:
    asked = paces.asked(PACE, 4, "token", START)
    assert room(asked, "token", START, 4) == 0
    assert room(asked, "token", START + timedelta(seconds=1), 4) == 4


@pytest.mark.parametrize("result", [Failed("code_1"), Refused("200"), Missing("100/33")])
def test_a_few_leads_say_nothing_of_their_source_and_different_ones_in_a_row_do(
    result: Result,
) -> None:
    pace = PACE
    for lead in ("1", "1", "1", "2", "2"):
        pace = after(result, fetching()._replace(submission_id=lead), pace, at(START)).pace
        assert room(pace, "token", START, 4) == 4
    well = after(Content(Arrival("7", b"c")), fetching(), pace, at(START))
    assert well.recovered
    suspect = fetching()._replace(submission_id="3", suspect=True)
    assert room(after(result, suspect, pace, at(START)).pace, "token", START, 4) == 4
    third = fetching()._replace(submission_id="3")
    assert room(after(result, third, pace, at(START)).pace, "token", START, 4) == 0
    assert room(after(result, third, well.pace, at(START)).pace, "token", START, 4) == 4


@pytest.mark.parametrize(
    ("result", "lacks"),
    [
        (Refused("200"), "right"),
        (Missing("100/33"), "sight"),
        (Refused("190", everywhere=True), "token"),
        (Refused("http_426", everywhere=True, said="version"), "version"),
    ],
)
def test_what_is_missing_stands_beside_the_reason_until_it_is_over(
    result: Result, lacks: str
) -> None:
    pace = PACE
    for lead in ("1", "2", "3"):
        one = fetching()._replace(submission_id=lead)
        pace = after(result, one, pace, at(START)).pace
    assert (pace.reason is not None, pace.lacks) == (True, lacks)
    well = after(Content(Arrival("7", b"c")), fetching(), pace, at(START + timedelta(minutes=1)))
    assert (well.pace.reason, well.pace.lacks) == (None, None)


def test_a_form_that_denies_its_leads_stands_still_alone_and_three_of_them_stop_the_source() -> (
    None
):
    pace = PACE
    for n in range(3):
        place = PACE._replace(place=f"form:{n}")
        for lead in range(3):
            assert pace.reason is None
            one = fetching()._replace(submission_id=f"{n}/{lead}", place=place.place)
            step = after(Refused("200"), one, pace, at(START), place)
            assert step.place is not None
            pace, place = step.pace, step.place
        assert place.reason == "200"
    assert pace.reason == "200"


def test_what_is_refused_alone_again_and_again_is_told() -> None:
    pace, now = PACE, START
    for tries in range(1, 4):
        assert pace.reason is None
        pace = after(Refused("200"), fetching(tries), pace, at(now)).pace
        now += timedelta(minutes=5)
    assert pace.reason == "200"
    since = paces.open_to_newer_than(pace, now)
    assert since == now - timedelta(minutes=5)
    told = paces.stopped(PACE, "190", "token", at(START))
    assert paces.open_to_newer_than(told, now) is None
