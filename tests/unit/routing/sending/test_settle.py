"""What becomes of a message: nothing that may have been accepted is repeated unseen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.channels.contract import Gone, Refused, Result, Sent, Unknown
from services.routing.messages.notification import State
from services.routing.messages.settlement import Pending
from services.routing.sending.settle import (
    DELAYS,
    LEAST_AGE,
    LONGEST_OF_OURS,
    UNKNOWN_TRIES,
    of_ended,
    outcome,
    settle,
)

RESULTS = st.one_of(
    st.just(Sent()),
    st.just(Gone()),
    st.builds(Refused, st.just("http_500"), st.booleans(), st.none() | st.floats(0, 1e9)),
    st.just(Unknown("timeout")),
)


@settings(deadline=None)
@given(results=st.lists(RESULTS, min_size=1, max_size=40), takes_id=st.booleans())
def test_rule_20_only_a_known_refusal_is_repeated_unless_repeats_are_seen(
    results: list[Result], *, takes_id: bool
) -> None:
    for attempts, result in enumerate(results, 1):
        found = settle(result, "n", attempts, takes_id=takes_id)
        if found.state != "planned":
            assert found.wait is None
            break
        assert isinstance(result, Refused) or takes_id
        assert found.wait is not None
        assert found.wait > 0
        assert attempts <= len(DELAYS)


def test_tries_end() -> None:
    assert settle(Refused("x"), "n", len(DELAYS), takes_id=True).state == "planned"
    assert settle(Refused("x"), "n", len(DELAYS) + 1, takes_id=True).state == "failed"
    assert settle(Unknown("x"), "n", UNKNOWN_TRIES - 1, takes_id=True).state == "planned"
    assert settle(Unknown("x"), "n", UNKNOWN_TRIES, takes_id=True).state == "unknown"
    assert settle(Unknown("x"), "n", 1, takes_id=False).state == "unknown"


@pytest.mark.parametrize("takes_id", [False, True])
def test_what_nobody_knows_the_end_of_may_be_read(*, takes_id: bool) -> None:
    assert settle(Unknown("timeout"), "n", 1, takes_id=takes_id).may_be_read
    for result in (Refused("http_500"), Refused("superseded", for_good=True), Gone()):
        assert not settle(result, "n", 1, takes_id=takes_id).may_be_read


def test_what_was_tried_in_between_is_not_given_up_earlier() -> None:
    refused, most = Refused("x"), len(DELAYS) + 1
    young = settle(refused, "n", most, takes_id=True, age=LEAST_AGE - 1)
    assert (young.state, young.is_guess) == ("planned", True)
    assert settle(refused, "n", most, takes_id=True, age=LEAST_AGE).state == "failed"


@pytest.mark.parametrize("attempts", range(1, len(DELAYS) + 1))
@pytest.mark.parametrize("asked", [0.0, 35.0, 200.0, 900.0])
def test_a_receiver_that_says_when_to_come_is_not_asked_before(attempts: int, asked: float) -> None:
    """An early try of what our own delay was longer for broke the limits of Telegram and Bale."""
    found = settle(Refused("http_429", retry_after=asked), "n", attempts, takes_id=True)
    assert not found.is_guess
    assert found.wait is not None
    assert asked <= found.wait <= max(asked, LONGEST_OF_OURS)


def test_delays_grow_and_are_never_shorter_than_asked_for() -> None:
    waits = [settle(Refused("x"), "n", n, takes_id=True).wait for n in range(1, len(DELAYS))]
    assert waits == sorted(waits, key=lambda wait: wait or 0)
    asked = settle(Refused("x", retry_after=90.0), "n", 1, takes_id=True)
    assert asked.wait == 90.0
    impolite = settle(Refused("x", retry_after=1e12), "n", 1, takes_id=True)
    assert impolite.wait == 86_400.0


@pytest.mark.parametrize(
    ("result", "kind", "after"),
    [
        (Refused("http_503"), "assigned", ("failed", "superseded")),
        (Unknown("timeout"), "escalation", ("failed", "superseded")),
        (Refused("http_503"), "merged", ("planned", "http_503")),
        (Refused("http_404", for_good=True), "assigned", ("failed", "http_404")),
        (Sent(), "assigned", ("sent", None)),
    ],
)
def test_of_an_assignment_that_is_over_only_the_word_of_its_merging_is_tried_again(
    result: Result, kind: str, after: tuple[State, str | None]
) -> None:
    found = of_ended(settle(result, "n", 1, takes_id=True), kind)
    assert (found.state, found.error) == after


SENT, FAILED, UNKNOWN = Pending("sent"), Pending("failed"), Pending("unknown")


@pytest.mark.parametrize(
    ("messages", "before", "after"),
    [
        ([SENT, FAILED], "assigned", "notified"),
        ([FAILED, UNKNOWN], "assigned", "undelivered"),
        ([FAILED, Pending("planned", 0.5)], "assigned", None),
        ([FAILED, Pending("planned", 59)], "assigned", None),
        ([FAILED, Pending("sending")], "assigned", None),
        ([FAILED, Pending("planned", 900)], "assigned", "undelivered"),
        ([Pending("planned", 60, 3600)], "assigned", "undelivered"),
        ([Pending("planned", 20, 30)], "assigned", "undelivered"),
        ([Pending("planned", 8, -5)], "assigned", None),
        ([SENT], "undelivered", "notified"),
        ([FAILED], "undelivered", None),
        ([FAILED], "notified", None),
        ([SENT], "duplicate", None),
        ([FAILED], "waiting", "undelivered"),
        ([], "assigned", None),
    ],
)
def test_the_end_of_a_submission(messages: list[Pending], before: str, after: str | None) -> None:
    assert outcome(messages, before) == after


def test_a_receiver_that_keeps_refusing_is_out_of_reach_within_a_minute() -> None:
    waits = [settle(Refused("x"), "n", n, takes_id=True).wait or 0 for n in range(1, 7)]
    [first] = [n for n, wait in enumerate(waits) if outcome([Pending("planned", wait)], "assigned")]
    assert sum(waits[:first]) < 60
