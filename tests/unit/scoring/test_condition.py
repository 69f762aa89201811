from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.configuration.scoring import Condition
from services.scoring.condition import compile_condition
from tests.contract.shapes import JSON

FIELDS: dict[str, Any] = {
    "contact": {"name": "علي", "message": "بودجه ۵۰ میلیون", "extra": {"size": "۱۲"}, "blank": ""},
    "verified": {"email_free": True, "signs": ["honeypot", "too_fast"]},
    "activity": {"page": "nil.example/pricing/fa", "count": 3},
    "attribution": {"utm": {"campaign": "Expo-26"}, "click_ids": {}},
}


@pytest.mark.parametrize(
    ("field", "op", "value", "holds"),
    [
        ("contact.name", "is", "علی", True),
        ("contact.name", "is", "رضا", False),
        ("attribution.utm.campaign", "is", "expo-26", True),
        ("verified.email_free", "is", True, True),
        ("verified.email_free", "is", False, False),
        ("verified.signs", "is", "too_fast", True),
        ("contact.name", "is_not", "علی", False),
        ("contact.name", "is_not", "رضا", True),
        ("contact.company", "is_not", "نیل", True),
        ("verified.signs", "in", ["captcha_failed", "honeypot"], True),
        ("verified.signs", "in", ["captcha_failed"], False),
        ("contact.message", "contains", "بودجه", True),
        ("contact.message", "contains", ["بودجه 50", "nothing"], True),
        ("contact.message", "contains", "", False),
        ("activity.count", "contains", "3", False),
        ("activity.page", "matches", "nil.example/pricing*", True),
        ("activity.page", "matches", "nil.example/pricing/*", True),
        ("activity.page", "matches", "nil.example/pricing", False),
        ("activity.page", "matches", "*/pricing/*", True),
        ("activity.page", "matches", ["a/*", "NIL.example/pricing/fa"], True),
        ("activity.page", "matches", "nil.example/pricing/fa/*", True),
        ("activity.page", "matches", "nil.example/pricing/f/*", False),
        ("activity.count", "at_least", 3, True),
        ("activity.count", "at_least", 4, False),
        ("activity.count", "at_most", 3, True),
        ("contact.extra.size", "at_least", "10", True),
        ("contact.extra.size", "at_most", 10, False),
        ("contact.name", "at_least", 1, False),
        ("verified.email_free", "at_least", 1, False),
        ("activity.count", "at_least", "many", False),
        ("contact.name", "exists", None, True),
        ("contact.blank", "exists", None, False),
        ("attribution.click_ids", "exists", None, False),
        ("attribution.utm", "exists", True, True),
        ("contact.company", "exists", False, True),
        ("contact.name", "exists", False, False),
        ("nothing.of.the.kind", "is", "x", False),
        ("contact.name.deeper", "is", "x", False),
    ],
)
def test_each_operator(field: str, op: Any, value: Any, *, holds: bool) -> None:
    assert compile_condition(Condition(field=field, op=op, value=value))(FIELDS) is holds


OPS = st.sampled_from(
    ["is", "is_not", "in", "matches", "contains", "at_least", "at_most", "exists"]
)


@given(op=OPS, value=JSON, found=JSON)
def test_no_value_and_no_field_makes_an_error(op: Any, value: Any, found: Any) -> None:
    holds = compile_condition(Condition(field="contact.x", op=op, value=value))
    assert holds({"contact": {"x": found}}) in (True, False)
    assert holds({"contact": found}) in (True, False)
