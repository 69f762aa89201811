"""Whose turn it is: exact shares at every moment, whoever comes and goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.configuration.parts import Words
from libs.common.configuration.schema import Specialist, Team
from libs.common.events import Text
from services.routing.choosing.distribute import Seeker, distribute, least_bad
from services.routing.choosing.shares import Pointers

GONE = Text("در مرخصی است", "is on leave")


def team(*members: Specialist, strategy: str = "weighted") -> Team:
    return Team.model_validate(
        {"key": "t", "name": Words(fa="ت", en="T"), "strategy": strategy, "specialists": members}
    )


def member(key: str, weight: float = 1, **more: object) -> Specialist:
    return Specialist.model_validate({"key": key, "name": key, "weight": weight, **more})


def turns(
    of: Team, count: int, pointers: Pointers | None = None, gone: Sequence[str] = ()
) -> tuple[list[str], Pointers]:
    at: Pointers = pointers or {}
    order = []
    for _ in range(count):
        pick, _skipped = distribute(of, at, {}, Seeker(), dict.fromkeys(gone, GONE))
        assert pick is not None
        order.append(pick.specialist.key)
        at = pick.pointers
    return order, at


def test_two_to_one_to_one_in_list_order() -> None:
    order, _ = turns(team(member("a", 2), member("b"), member("c")), 8)
    assert order == ["a", "b", "c", "a"] * 2


@settings(deadline=None)
@given(
    weights=st.lists(
        st.one_of(st.integers(1, 20), st.sampled_from([0.5, 1.5, 0.3, 2.75])),
        min_size=1,
        max_size=8,
    )
)
def test_everybody_is_within_one_lead_of_their_share_at_every_moment(
    weights: list[float],
) -> None:
    members = [member(f"m{n}", weight) for n, weight in enumerate(weights)]
    exact = [Fraction(str(weight)) for weight in weights]
    order, _ = turns(team(*members), 120)
    got: Counter[str] = Counter()
    for so_far, key in enumerate(order, 1):
        got[key] += 1
        for one, weight in zip(members, exact, strict=True):
            assert abs(got[one.key] - so_far * weight / sum(exact)) < 1


@settings(deadline=None)
@given(moves=st.lists(st.sampled_from(["a", "b", "c", "none"]), max_size=60))
def test_leave_costs_and_gains_nobody_more_than_a_lead(moves: list[str]) -> None:
    at: Pointers = {}
    for absent in moves:
        members = [member(k) for k in "abc"]
        pick, _ = distribute(team(*members), at, {}, Seeker(), {absent: GONE})
        assert pick is not None
        assert pick.specialist.key != absent
        at = pick.pointers
        assert max(at.values()) - min(at.values()) <= 2


def test_whoever_is_back_from_leave_is_not_flooded() -> None:
    at = {"mary": Fraction(10), "spike": Fraction(8), "joe": Fraction(3)}
    of = team(member("mary"), member("spike"), member("joe"))
    order, after = turns(of, 1, at, gone=["joe"])
    assert order == ["spike"]
    order, _ = turns(of, 6, after)
    assert Counter(order) == {"mary": 2, "spike": 2, "joe": 2}


def test_a_new_member_starts_where_the_team_stands() -> None:
    order, at = turns(team(member("a"), member("b")), 100)
    order, _ = turns(team(member("a"), member("b"), member("new")), 6, at)
    assert Counter(order) == {"a": 2, "b": 2, "new": 2}


def test_fewest_open_leads_then_whoever_waited_longest() -> None:
    of = team(member("a"), member("b"), member("c"), strategy="least_open")
    pick, _ = distribute(of, {}, {"a": 2, "b": 1, "c": 1}, Seeker(), {})
    assert pick is not None
    assert pick.specialist.key == "b"
    again, _ = distribute(of, pick.pointers, {"a": 2, "b": 1, "c": 1}, Seeker(), {})
    assert again is not None
    assert again.specialist.key == "c"


def test_in_order_takes_the_first_available() -> None:
    of = team(member("a"), member("b"), strategy="in_order")
    assert turns(of, 3)[0] == ["a", "a", "a"]
    pick, skipped = distribute(of, {}, {}, Seeker(passed=("a",)), {})
    assert pick is not None
    assert pick.specialist.key == "b"
    assert [s.specialist for s in skipped] == ["a"]


def test_whoever_is_hindered_is_skipped_with_the_reason() -> None:
    of = team(member("a"), member("b"))
    pick, skipped = distribute(of, {}, {}, Seeker(), {"a": GONE})
    assert pick is not None
    assert pick.specialist.key == "b"
    assert [(s.specialist, s.reason) for s in skipped] == [("a", GONE)]
    pick, skipped = distribute(of, {}, {}, Seeker(), {"a": GONE, "b": GONE})
    assert pick is None
    assert [s.specialist for s in skipped] == ["a", "b"]


def test_language_is_a_preference_only() -> None:
    of = team(member("a", languages=["fa"]), member("b", languages=["fa", "en"]))
    pick, skipped = distribute(of, {}, {}, Seeker(language="en"), {})
    assert pick is not None
    assert (pick.specialist.key, skipped[0].reason.en) == ("b", "does not speak English")
    pick, skipped = distribute(of, {}, {}, Seeker(language="de"), {})
    assert pick is not None
    assert (pick.specialist.key, skipped) == ("a", ())


def test_nobody_available_is_no_pick_and_the_least_bad_is_somebody() -> None:
    of = team(member("a"), member("b"), member("c"))
    seeker = Seeker(passed=("c", "b"))
    pick, skipped = distribute(of, {}, {}, seeker, {"a": GONE})
    assert pick is None
    assert [s.specialist for s in skipped] == ["a", "b", "c"]
    assert least_bad(of, {}, seeker, {"a": GONE}).specialist.key == "c"


@settings(deadline=None)
@given(
    changes=st.lists(st.lists(st.integers(1, 97), min_size=1, max_size=5), min_size=1, max_size=30)
)
def test_pointers_stay_small_however_often_weights_change(changes: list[list[int]]) -> None:
    at: Pointers = {}
    for weights in changes:
        of = team(*(member(f"m{n}", w) for n, w in enumerate(weights)))
        _, at = turns(of, 7, at)
        assert all(len(str(pointer)) < 40 for pointer in at.values())
        assert min(at.values()) < 1
