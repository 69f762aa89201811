"""Which field of theirs is which of ours, and that nothing of theirs is lost over it."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.normal.names import sort_out
from libs.common.normal.nested import sort_out_nested


@pytest.mark.parametrize("value", [True, False, {"time": "صبح"}, {}, ["", {"a": 1}]])
def test_a_mapped_value_that_is_no_text_stays_beside_the_fields(value: Any) -> None:
    found = sort_out({"call_me": value, "mobile": "0912"}, {"message": "call_me"})
    assert (found.fields, found.rest) == ({"phone": "0912"}, {"call_me": value})


def test_so_it_does_where_it_is_named_like_a_field_of_ours() -> None:
    found = sort_out({"phone": True, "mobile": "0912"}, {"phone": "phone"})
    assert (found.fields, found.rest) == ({"phone": "0912"}, {"phone": True})


@pytest.mark.parametrize("value", ["", "  ", None])
def test_a_mapped_field_left_empty_says_nothing(value: Any) -> None:
    assert sort_out({"call_me": value}, {"message": "call_me"}).rest == {}


def test_numbers_are_what_somebody_typed() -> None:
    found = sort_out({"reach": 9121112233, "n": 2.5}, {"phone": "reach", "message": "n"})
    assert (found.fields, found.rest) == ({"phone": "9121112233", "message": "2.5"}, {})


def test_a_path_leaves_the_object_whole() -> None:
    whole = {"contact": {"mobile": "0912", "agrees": True}}
    assert sort_out(whole, {"phone": "contact.mobile"}).rest == whole
    assert sort_out_nested(whole, {"message": "contact.agrees"}).fields == {"phone": "0912"}
