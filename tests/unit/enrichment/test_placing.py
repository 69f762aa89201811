"""What has no id but its content: which of the same are one submission (decision 0022)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from libs.common.events import Event, LeadCaptured, derived_id
from services.enrichment.intake import Item, sort_out
from services.enrichment.placing import Past
from services.enrichment.stored import Stored

WINDOW = 60
START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
FORM = derived_id("submission", "the same content")

seconds = st.lists(st.integers(0, 400), min_size=1, max_size=12, unique=True)


def sent(second: int, said: int | None = None) -> Event:
    """The same content, at that second; `said` by its sender's clock."""
    message = derived_id("submission", FORM, str(second))
    data = LeadCaptured(
        submission_id=FORM,
        kind="webhook",
        source="site",
        source_kind="elementor",
        received_at=START + timedelta(seconds=second),
        digest=message,
        raw=b"phone=09121110001",
        key_owner="platform",
        fields={"phone": "09121110001"},
        message=message,
        again_after=WINDOW,
        occurred_at=None if said is None else START + timedelta(seconds=said),
    )
    return Event(derived_id("captured", FORM, message), FORM, data.received_at, data)


class Store:
    """What enrichment has kept, slice by slice."""

    def __init__(self) -> None:
        self.stored: dict[str, Stored] = {}
        self.moments: dict[str, list[datetime]] = {}
        self.counted: list[int] = []

    def take(self, batch: Sequence[Event]) -> list[Item]:
        items = list(sort_out(batch, self.stored, "IR", Past(moments=self.moments)))
        for item in items:
            if item.apart:
                self.moments.setdefault(item.apart.conversation, []).append(item.apart.moment)
            if item.changes:
                self.counted.append(int((item.event.time - START).total_seconds()))
            assert item.action in ("content", "nothing")
        return items


def counted(slices: Sequence[Sequence[int]]) -> list[int]:
    """Which of these count, read in these slices."""
    store = Store()
    for part in slices:
        store.take([sent(second) for second in part])
    return store.counted


@given(st.integers(0, 10_000), st.integers(1, 300), st.sampled_from([1, -1]), st.integers(1, 2))
def test_of_two_the_second_counts_a_window_after_the_first_whichever_minute_it_is(
    first: int, after: int, order: int, slices: int
) -> None:
    pair = [first, first + after][::order]
    found = counted([pair] if slices == 1 else [[second] for second in pair])
    assert found == (pair if after >= WINDOW else pair[:1])


@given(seconds, st.integers(1, 5))
def test_in_their_order_each_window_begins_with_what_counts(at: list[int], size: int) -> None:
    at = sorted(at)
    expected: list[int] = []
    for second in at:
        if not expected or second - expected[-1] >= WINDOW:
            expected.append(second)
    assert counted([at[n : n + size] for n in range(0, len(at), size)]) == expected


@given(seconds, st.data())
def test_in_any_order_what_counts_is_apart_and_each_repeat_is_near_it(
    at: list[int], data: st.DataObject
) -> None:
    at = data.draw(st.permutations(at))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(at)))))
    found = counted([at[a:b] for a, b in zip([0, *cuts], [*cuts, len(at)], strict=True)])
    assert all(abs(a - b) >= WINDOW for a in found for b in found if a is not b)
    assert all(any(abs(one - other) < WINDOW for other in found) for one in at)


@given(seconds, st.data())
def test_what_is_read_again_without_the_journal_changes_nothing(
    at: list[int], data: st.DataObject
) -> None:
    store = Store()
    store.take([sent(second) for second in at])
    before, stored = list(store.counted), dict(store.stored)
    again = data.draw(st.lists(st.sampled_from(at), max_size=20))
    assert {item.action for item in store.take([sent(second) for second in again])} <= {"nothing"}
    assert (store.counted, store.stored) == (before, stored)


@given(st.integers(-10_000, 10_000), st.permutations([0, 70, 130, 7200]))
def test_a_sender_s_moment_tells_a_repeat_whatever_its_clock_is_ahead_of_ours(
    ahead: int, order: list[int]
) -> None:
    store = Store()
    for second in order:
        store.take([sent(second, ahead)])
    store.take([sent(7300, ahead + WINDOW)])
    store.take([sent(9000, ahead + WINDOW)])
    assert len(store.counted) == 2


def test_the_first_is_told_under_the_id_that_all_have_and_later_ones_under_their_own() -> None:
    store = Store()
    first, again, later = store.take([sent(second) for second in (50, 70, 120)])
    assert (first.after.id, first.apart) == (FORM, None)
    assert not again.changes
    assert later.after.id == derived_id("submission", FORM, "120")
    assert later.draft
    [note] = [note for note in later.draft.notes if note.code == "sent_anew"]
    assert note.data["arrived"] == {"phone": "09121110001"}
