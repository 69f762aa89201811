"""What visitors of Elementor see depends on our answer; its labels are in any language."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from services.capture.sources.elementor import ELEMENTOR, nested, parse_form
from tests.unit.capture.sources.samples import knock, source


def form(**fields: str) -> bytes:
    """A form with Advanced Data, from `<id>__<part>=<text>`."""
    named = {
        f"fields[{n.partition('__')[0]}][{n.partition('__')[2]}]": v for n, v in fields.items()
    }
    return urlencode(named).encode()


def test_the_answer_is_exactly_200_or_the_visitor_sees_an_error() -> None:
    assert ELEMENTOR.answer.status == 200


@pytest.mark.parametrize("theirs", ["field_a1", "راه ارتباطی"])
def test_a_field_is_mapped_by_its_id_or_by_its_label(theirs: str) -> None:
    raw = form(field_a1__title="راه ارتباطی", field_a1__value="0912", email__value="a@b.example")
    (found,) = parse_form(knock(raw), source("elementor", fields={"phone": theirs}))
    assert found.fields == {"phone": "0912", "email": "a@b.example"}


def test_two_fields_with_one_label_are_both_kept() -> None:
    raw = form(
        f1__title="موبایل", f1__value="0912", f2__title="موبایل", f2__type="tel", f2__value="0935"
    )
    (found,) = parse_form(knock(raw), source("elementor"))
    assert found.fields == {"phone": "0912"}
    assert found.extra == {"f2": "0935"}
    assert found.candidates == {"phone": {"موبایل": "0912", "f2": "0935"}}


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("a[b][c]", {"a": {"b": {"c": "1"}}}),
        ("a[]", {"a": {"": "1"}}),
        ("a[b", {"a": "1"}),
        ("[b]", {"": {"b": "1"}}),
    ],
)
def test_brackets_become_objects(name: str, whole: object) -> None:
    assert nested({name: "1"}) == whole


def test_a_name_that_is_a_value_first_and_an_object_then_fails_nothing() -> None:
    assert nested({"fields": "1", "fields[a][value]": "2"}) == {"fields": {"a": {"value": "2"}}}


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("phone", "phone[home]"),
        ("[1] phone", "[1] message"),
        ("a[b][c][d][e][phone]", "a[b][c][d][e][f]"),
    ],
)
def test_two_people_are_two_contents_whatever_brackets_their_form_s_labels_have(
    name: str, beside: str
) -> None:
    def content(phone: str) -> bytes:
        raw = urlencode({name: phone, beside: "x"}).encode()
        (found,) = parse_form(knock(raw), source("elementor"))
        return found.content

    assert content("09121110001") != content("09121110002")
