"""How many messages may be under way to one address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.routing.sending.addresses import FEW, MOST, QUICK_SECONDS, Addresses

HOOK = "https://sara.example/hook"


def test_who_answers_quickly_gets_more_up_to_a_limit() -> None:
    addresses = Addresses()
    for _ in range(100):
        addresses.begin(HOOK)
        addresses.end(HOOK, 0.01, answered=True)
    assert addresses.rooms() == {HOOK: MOST}


def test_who_hangs_is_left_with_few_at_once() -> None:
    addresses = Addresses()
    for _ in range(10):
        addresses.begin(HOOK)
        addresses.end(HOOK, 0.01, answered=True)
    addresses.begin(HOOK)
    addresses.end(HOOK, 10.0, answered=False)
    assert addresses.rooms() == {}
    addresses.begin(HOOK)
    assert addresses.rooms() == {HOOK: FEW - 1}


def test_a_slow_answer_is_no_quick_one() -> None:
    addresses = Addresses()
    addresses.begin(HOOK)
    addresses.end(HOOK, QUICK_SECONDS * 2, answered=True)
    assert addresses.rooms() == {}


def test_many_addresses_are_not_remembered_for_ever() -> None:
    addresses = Addresses()
    for n in range(5000):
        addresses.begin(str(n))
        addresses.end(str(n), 0.0, answered=True)
    assert len(addresses.rooms()) <= 1000


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 1), st.booleans()), max_size=60))
def test_never_more_than_the_limit_and_nothing_is_left_over(
    steps: list[tuple[str, float, bool]],
) -> None:
    addresses = Addresses()
    under_way: list[tuple[str, float, bool]] = []
    for address, seconds, answered in steps:
        if addresses.rooms().get(address, FEW) > 0:
            addresses.begin(address)
            under_way.append((address, seconds, answered))
        assert sum(one[0] == address for one in under_way) <= MOST
        if seconds > 0.5 and under_way:
            ended = under_way.pop(0)
            addresses.end(ended[0], ended[1], answered=ended[2])
    for address, seconds, answered in under_way:
        addresses.end(address, seconds, answered=answered)
    assert all(FEW < room <= MOST for room in addresses.rooms().values())
