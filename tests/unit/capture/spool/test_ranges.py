"""Which sequences the log has acknowledged, as spans."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.capture.spool.ranges import Ranges


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60))), st.integers(1, 60))
def test_ranges_agree_with_a_set(spans: list[tuple[int, int]], low: int) -> None:
    ranges, members = Ranges(), set[int]()
    for start, end in spans:
        ranges.add(start, end)
        members |= set(range(start, end + 1))
    assert {n for a, b in ranges.spans() for n in range(a, b + 1)} == members
    assert all(
        b + 1 < c for (_, b), (c, _) in zip(ranges.spans(), ranges.spans()[1:], strict=False)
    )
    gap = ranges.gap(low, 70)
    missing = [n for n in range(low, 71) if n not in members]
    assert gap is not None
    assert gap[0] == missing[0]
    assert not members & set(range(gap[0], gap[1] + 1))
    assert gap[1] == 70 or gap[1] + 1 in members
    assert ranges.covers(low, low) == (low in members)
