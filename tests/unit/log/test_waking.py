"""Who is woken by new records: whoever holds the lanes that they are in, and in doubt everybody."""

from __future__ import annotations

from libs.common.log.postgres.waking import Call


def _call(*lanes: int) -> Call:
    call = Call("scoring", ["enriched", "activity"], "member")
    call.lanes = set(lanes)
    call.take()
    return call


def test_records_in_lanes_of_others_wake_nobody() -> None:
    call = _call(1, 2)
    call.wake({"enriched"}, {3, 4})
    assert not call.records.is_set()
    assert call.take() == set()


def test_records_in_a_lane_that_is_held_wake_its_reader() -> None:
    call = _call(1, 2)
    call.wake({"enriched", "captured"}, {2, 3})
    assert call.records.is_set()
    assert call.take() == {"enriched"}


def test_who_does_not_say_in_which_lanes_wakes_everybody() -> None:
    call = _call(1, 2)
    call.wake({"activity"})
    assert call.take() == {"activity"}


def test_who_is_given_lanes_looks_into_all_topics() -> None:
    call = _call()
    call.wake({"enriched"}, {1})
    call.lanes = {1}
    call.wake()
    assert call.take() == {"enriched", "activity"}
