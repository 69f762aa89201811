"""Limits: who is refused is told when to come again, and waiting that long is enough."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.capture.door import limits
from services.capture.door.limits import Counter, Limit


def test_those_who_are_refused_use_up_nobodys_place() -> None:
    limit = Limit("60/min")
    taken = sum(not limit.wait("network", now / 2) for now in range(4800))
    assert 2200 <= taken <= 2460  # 40 minutes of twice as many as are taken


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 30), st.integers(1, 9)), max_size=60),
    st.integers(1, 20),
)
def test_who_waits_as_long_as_told_is_taken(sent: list[tuple[float, int]], most: int) -> None:
    limit, now = Limit(f"{most}/min"), 1_790_000_000.0
    for pause, count in sent:
        now += pause
        wait = limit.wait("network", now, count)
        assert 0 <= wait <= 121
        if wait:
            now += wait
            assert limit.wait("network", now, count) == 0


def test_off_takes_everybody() -> None:
    limit = Limit("off")
    assert not any(limit.wait("network", 0.0) or limit.exceeded("network", 0.0) for _ in range(99))


def test_a_flood_of_networks_takes_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_SENDERS", 100)
    counter = Counter(60.0)
    for number in range(1000):
        counter.add(f"network {number}", 0.0)
        counter.add("busy", 0.0)
    assert counter.add("busy", 0.0) == 1001
    assert counter.add("network 1", 0.0) == 1
