"""Folding is the same whatever the order: what a slice amounts to, without a database."""

from __future__ import annotations

import itertools
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from libs.common.events import Activity, Contact, Event, derived_id
from services.desk.reading.fold import fold, merged
from services.desk.reading.rows import SubmissionRow
from services.desk.reading.states import RANKS
from tests.integration.desk.journey import NOW, Journey, new


def row(state: str, turn: int, weight: int) -> SubmissionRow:
    return SubmissionRow(
        "s", turn, RANKS[state], state, NOW, content_round=turn, content_weight=weight
    )


rows = st.builds(
    row, st.sampled_from(sorted(RANKS)), st.integers(0, 2), st.sampled_from((-1, 1, 2, 3))
)


told = st.builds(
    lambda one, late, reason, lead, person: structs.replace(
        one,
        state_at=NOW + timedelta(seconds=late),
        reason=reason,
        lead_id=lead,
        person_id=person,
        source=reason,
        raw_size=late or None,
        contact=Contact(name=reason),
    ),
    rows,
    st.integers(0, 2),
    st.sampled_from((None, "a", "b")),
    st.sampled_from((None, "l")),
    st.sampled_from((None, "p", "q")),
)


@given(st.lists(told, min_size=1, max_size=6), st.data())
def test_a_slice_folded_at_once_is_the_same_as_in_any_cut(
    given_rows: list[SubmissionRow], data: st.DataObject
) -> None:
    """What is stored is merged by the same rule: so it does not matter how much is a slice."""
    cut = data.draw(st.integers(1, len(given_rows)))
    first, *then = given_rows
    at_once = reduce(merged, then, first)
    stored = reduce(merged, given_rows[1:cut], first)
    if rest := given_rows[cut:]:
        stored = merged(stored, reduce(merged, rest))
    assert stored == at_once


@given(st.lists(told, min_size=2, max_size=5))
def test_of_two_alike_the_earlier_stands_in_any_order(given_rows: list[SubmissionRow]) -> None:
    first = min(given_rows, key=lambda one: (-one.round, -one.rank, one.state_at))
    for order in itertools.islice(itertools.permutations(given_rows), 24):
        assert reduce(merged, order).state_at == first.state_at


@given(st.lists(rows, min_size=1, max_size=6))
def test_rule_11_a_state_goes_by_round_then_rank_in_any_order(
    given_rows: list[SubmissionRow],
) -> None:
    highest = max((one.round, one.rank) for one in given_rows)
    content = max((one.content_round, one.content_weight) for one in given_rows)
    for order in itertools.islice(itertools.permutations(given_rows), 24):
        whole = order[0]
        for one in order[1:]:
            whole = merged(whole, one)
        assert (whole.round, whole.rank) == highest
        assert (whole.content_round, whole.content_weight) == content


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_slice_in_any_order_amounts_to_the_same(order: tuple[int, ...]) -> None:
    way = Journey()
    events = [way.captured(), way.enriched(), way.scored(), way.routed()]
    found = fold([events[place] for place in order], {}).submissions[way.submission]
    assert (found.state, found.source, found.kind) == ("assigned", "contact", "form")
    assert found.contact == way.contact
    assert (found.lead_id, found.person_id) == (way.lead_id, way.person)


def test_a_dead_letter_of_the_desk_itself_kills_no_submission() -> None:
    way = Journey()
    found = fold([way.captured(), way.died("desk")], {})
    assert found.submissions[way.submission].state == "received"
    assert len(found.letters) == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_received_is_by_our_clock_and_occurred_by_theirs(order: tuple[int, ...]) -> None:
    way = Journey()
    theirs = NOW - timedelta(days=9)
    way.touch = structs.replace(way.touch, at=theirs, received_at=NOW)
    events = [way.captured(), way.enriched("quarantined"), way.routed()]
    rows = fold([events[place] for place in order], {})
    found, held = rows.submissions[way.submission], rows.held[way.submission]
    assert (found.received_at, found.occurred_at) == (NOW, theirs)
    assert (held.received_at, held.occurred_at) == (NOW, theirs)


def test_an_older_touch_says_nothing_of_our_clock() -> None:
    way = Journey()
    way.touch = structs.replace(way.touch, at=NOW - timedelta(days=9), received_at=None)
    held = way.enriched("quarantined")
    rows = fold([held], {})
    assert rows.submissions[way.submission].received_at is None
    assert rows.held[way.submission].received_at == held.time


def test_until_when_a_source_waits_stands_beside_its_pause_and_ends_with_it() -> None:
    def said(kind: str, minutes: int, **data: Any) -> Event:
        data = {"source": "ads", **data}
        return Journey().event(Activity(new(), kind, NOW + timedelta(minutes=minutes), data=data))

    paused, told = said("source.paused", 0, reason="190"), said("source.token_expiring", 0)
    later = (NOW + timedelta(hours=1)).isoformat()
    first = said("source.waits", 0, until=(NOW + timedelta(minutes=5)).isoformat())
    events = [paused, first, told, said("source.waits", 5, until=later)]
    rows = fold(events, {})
    assert [(row.at, row.is_paused) for row in rows.pauses.values()] == [
        (NOW, True),
        (NOW + timedelta(minutes=5), True),
    ]
    assert rows.pauses["wait", "ads"].until == NOW + timedelta(hours=1)
    assert rows.timeline == []
    rows = fold([*events, said("source.resumed", 6), said("source.waits", 7, until="soon")], {})
    assert [row.is_paused for row in rows.pauses.values()] == [False, False]
    form = {"place": "form:1", "reason": "200", "lacks": "right"}
    rows = fold([*events, said("source.paused", 6, **form, goes_on=True)], {})
    assert [row.is_paused for row in rows.pauses.values()] == [True, False], "the form alone"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"reason": "200", "lacks": "right"}, "its access token lacks a right"),
        ({"reason": "190"}, "the platform refuses its access token (190)"),
        ({"reason": "no_token"}, "it has no access_token"),
    ],
)
def test_why_a_source_stands_still_is_said_by_what_is_missing(
    data: dict[str, str], said: str
) -> None:
    event = Activity(new(), "source.paused", NOW, data={"source": "ads", **data})
    why = fold([Journey().event(event)], {}).pauses["source", "ads"].why
    assert why
    assert why.en.startswith(said)


def test_what_a_visitor_posts_sets_nothing_aside() -> None:
    said = Activity(new(), "source.paused", NOW, "visitor", data={"source": "meta-main"})
    by_us = structs.replace(said, actor="system")
    way = Journey()
    assert not fold([way.event(said)], {}).pauses
    for name in ("form.misaddressed", "submission.key_conflict", "Staff_Won", "lead.won"):
        forged = structs.replace(said, type=name, submission_id=new(), data={"form": "call me"})
        rows = fold([way.event(forged)], {})
        assert [rows.misaddressed, rows.held, rows.timeline] == [{}, {}, []]
        assert [row.state for row in rows.submissions.values()] == ["activity"]
    scan = structs.replace(said, type="qr_scan", person_id=new())
    assert fold([way.event(scan)], {}).timeline
    assert fold([way.event(by_us)], {}).pauses


def test_the_same_content_at_any_time_has_come_in_once_under_the_id_that_it_always_has() -> None:
    first = Journey().captured()
    events = [
        structs.replace(
            first,
            id=derived_id("captured", str(n)),
            data=structs.replace(first.data, message=derived_id("message", str(n)), again_after=60),
        )
        for n in range(3)
    ]
    told = [(line.event_id, line.n) for line in fold(events, {}).timeline]
    assert len(told) == 3
    assert len(set(told)) == 1
    apart = [structs.replace(one, data=first.data) for one in events]
    assert len({line.event_id for line in fold(apart, {}).timeline}) == 3
