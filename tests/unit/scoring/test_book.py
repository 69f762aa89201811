"""What is remembered of facts that are alike says the same as asking each rule of each fact."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.configuration.parts import Words
from libs.common.configuration.scoring import Condition, ScoringRule
from services.scoring.book import compile_rules
from services.scoring.fact import Fact
from services.scoring.rules import RULES
from tests.unit.scoring.facts import NOW

_VALUES = st.sampled_from(
    [
        *(None, "", "mobile", "price", "nil.example/services/seo", 0, 1, 2, 2.0, True, False),
        *(
            [],
            [""],
            ["price", "call"],
            [1],
            [True],
            [["price"]],
            {},
            {"a": 1},
            "x" * 300,
            ["x" * 300],
        ),
    ]
)
_ROOTS = {
    "contact": ("phone", "phone_type", "name", "email", "company", "message", "place"),
    "verified": ("phone_valid", "email_free", "email_disposable", "signs"),
    "touch": ("kind", "asks", "temperature"),
    "attribution": ("page", "channel", "qr"),
    "person": ("touch_count",),
    "activity": ("type",),
}
_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        root: st.fixed_dictionaries({}, optional=dict.fromkeys(names, _VALUES))
        for root, names in _ROOTS.items()
    },
)
_OWN = [
    ScoringRule(
        id=f"own_{place}",
        group="fit",
        when=Condition(field=field, op=op, value=value),
        points=1,
        text=Words(fa="ما", en="ours"),
    )
    for place, (field, op, value) in enumerate(
        [
            ("contact.message", "contains", "xx"),
            ("touch.asks", "at_least", 1),
            ("verified.phone_valid", "at_least", 1),
            ("contact.company", "exists", False),
            ("contact", "exists", True),
            ("activity.type", "is", "staff.called"),
        ]
    )
]


@given(st.lists(st.tuples(st.sampled_from(["submission", "staff"]), _FIELDS), max_size=6))
def test_a_fact_fits_as_if_each_rule_were_asked(told: list[tuple[Any, dict[str, Any]]]) -> None:
    book = compile_rules(RULES, _OWN)
    for kind, fields in told * 2:
        fact = Fact("f", kind, NOW, fields)
        expected = tuple(n for n, rule in enumerate(book) if rule.counts(fact))
        assert book.fitting(fact) == expected


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), ("1", 1)])
def test_equal_values_of_two_kinds_are_not_alike(one: object, other: object) -> None:
    at_least = Condition(field="touch.asks", op="at_least", value=1)
    rule = ScoringRule(
        id="own", group="fit", when=at_least, points=1, text=Words(fa="ما", en="ours")
    )
    book = compile_rules([], [rule])
    for value in (one, other, one):
        fact = Fact("f", "submission", NOW, {"touch": {"asks": value}})
        assert book.fitting(fact) == tuple(n for n, each in enumerate(book) if each.counts(fact))


@pytest.mark.parametrize("value", ["x" * 201, ["price", "x" * 201]])
def test_what_is_long_is_not_remembered(value: object) -> None:
    asks = Condition(field="touch.asks", op="contains", value="price")
    rule = ScoringRule(id="own", group="fit", when=asks, points=1, text=Words(fa="ما", en="ours"))
    book = compile_rules([], [rule])
    book.fitting(Fact("f", "submission", NOW, {"touch": {"asks": value}}))
    assert not book._known  # noqa: SLF001  # what it costs cannot be seen from outside
