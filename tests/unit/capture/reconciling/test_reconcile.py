"""The window of a pull follows from the data alone; trouble with a list is its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.configuration.schema import Source
from services.capture.fetching.pace import Pace, Try
from services.capture.reconciling.reconcile import (
    MOST_PAGES,
    OVERLAP,
    TOLD_FROM,
    Pull,
    after,
    begun,
    turned,
    wanted,
)
from services.capture.sources import meta_lists
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Failed, Missing, Refused, Reply, Throttled
from services.capture.sources.listing import Asked, Page

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEW = Pull("meta", "ads", "1", floor=NOW)
THIS = Try(NOW, NOW, "token", 0.5)
PACE = Pace("meta", "ads", NOW)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 21), timezones=st.just(UTC))  # noqa: DTZ001 - the zone beside


def lead(key: str, moment: datetime | None) -> Arrival:
    return Arrival(key, key.encode(), occurred_at=moment)


def listed(*leads: Arrival, further: tuple[str, ...] = ()) -> Page:
    known = [each.occurred_at for each in leads if each.occurred_at]
    return Page(leads, max(known, default=None), further)


def test_a_pull_begins_before_the_newest_and_never_before_the_list_was_ours() -> None:
    known = NEW._replace(newest=NOW)
    assert begun(known._replace(floor=NOW - 9 * HOUR)).asked == Asked("1", "", NOW - OVERLAP)
    assert begun(known._replace(floor=NOW - HOUR)).asked == Asked("1", "", NOW - HOUR)
    assert begun(NEW).asked == Asked("1", "", NOW)
    under_way = known._replace(todo=("7",), since=NOW - HOUR, pages=3)
    assert begun(under_way) == under_way


@given(st.lists(st.lists(moments, max_size=3), min_size=1, max_size=4), moments)
def test_the_next_window_begins_by_what_was_listed_never_by_the_clock(
    pages: list[list[datetime]], first: datetime
) -> None:
    def pulled(now: datetime) -> Pull:
        pull = begun(NEW._replace(floor=first))
        for n, page in enumerate(pages):
            further = () if n == len(pages) - 1 else (str(n),)
            leads = [lead(str(m), m) for m in page]
            pull = turned(pull, listed(*leads, further=further), now)
        return pull

    every = [moment for page in pages for moment in page]
    assert pulled(NOW) == pulled(NOW + timedelta(days=900))
    assert pulled(NOW).newest == max(every, default=None)
    assert (pulled(NOW).number, pulled(NOW).todo) == (1, ())


def test_what_a_platform_lists_outside_of_the_window_is_not_ours() -> None:
    old, young, timeless = lead("1", NOW - HOUR), lead("2", NOW), lead("3", None)
    assert wanted(begun(NEW), listed(old, young, young, timeless)) == [young, timeless]


def test_a_list_without_an_end_is_given_up_and_told_of() -> None:
    pull = begun(NEW)._replace(pages=MOST_PAGES)
    turn = after(listed(further=("2",)), pull, PACE, THIS, HOUR)
    assert (turn.pull.todo, turn.pull.trouble, turn.tells) == ((), "endless_list", True)
    assert turned(begun(NEW), listed(further=("",)), NOW).todo == (), "the same page again"


@pytest.mark.parametrize("found", [Missing("100/33"), Refused("200")])
def test_a_list_that_is_not_for_us_begins_anew_and_leaves_the_source_alone(
    found: Missing | Refused,
) -> None:
    pull = begun(NEW)._replace(todo=("7", "8"))
    turn = after(found, pull, PACE, THIS, HOUR)
    assert (turn.pull.todo, turn.pace, turn.tells) == ((), PACE, True)
    again = after(found, begun(turn.pull), PACE, THIS, HOUR)
    assert not again.tells
    assert again.due_at > turn.due_at


def test_trouble_is_over_only_when_the_list_was_read_to_its_end() -> None:
    pull = begun(NEW)
    tells = []
    for _ in range(TOLD_FROM):
        turn = after(Failed("timeout"), pull, PACE, THIS, HOUR)
        pull = turn.pull
        tells.append(turn.tells)
    assert tells == [False] * (TOLD_FROM - 1) + [True]
    assert pull.todo == ("",), "it goes on where it was"
    half = after(listed(further=("2",)), pull, PACE, THIS, HOUR)
    assert (half.pull.trouble, half.is_done) == ("timeout", False)
    whole = after(listed(), half.pull, PACE, THIS, HOUR)
    assert (whole.pull.trouble, whole.is_done, whole.due_at) == (None, True, NOW + HOUR)


def test_an_answer_says_nothing_of_single_leads_but_all_of_throttling_and_tokens() -> None:
    def heard(pace: Pace) -> Pace:
        return after(listed(), begun(NEW), pace, THIS, HOUR).pace

    throttled = PACE._replace(failures=2, failed_at=NOW - HOUR)
    refused = throttled._replace(reason="190")
    denied = refused._replace(denied=("a", "b", "c"))
    failing = throttled._replace(failing=("a", "b", "c"))
    assert heard(throttled).failures == 0
    assert heard(refused).reason is None
    assert heard(denied) == denied
    assert heard(failing) == failing


def test_throttling_and_tokens_are_the_whole_sources() -> None:
    pull = begun(NEW)
    slow = after(Throttled("80005", 600.0), pull, PACE, THIS, HOUR)
    assert slow.pace.next_at == NOW + timedelta(seconds=600)
    void = after(Refused("190", everywhere=True), pull, PACE, THIS, HOUR)
    assert (void.pace.reason, void.pull.todo) == ("190", ("",))


def test_an_app_that_may_not_ask_for_lists_may_still_ask_for_leads() -> None:
    reply = Reply(400, {}, b'{"error": {"code": 3, "message": "m"}}')
    found = meta_lists.read(Asked("1"), Source(key="ads", kind="meta"), reply)
    assert found == Refused("3", said="right")
