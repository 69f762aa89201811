"""Reading JSON from strangers: the quick way says what the careful way says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.bodies import Unreadable, json_text, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None)
@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_both_ways_agree_on_any_value(value: Any, ascii_only: bool, indent: int | None) -> None:  # noqa: FBT001  # drawn by hypothesis
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode(errors="replace")
    assert parse(raw) == json_text._carefully(raw)  # noqa: SLF001  # the other way is the oracle


@settings(deadline=None)
@given(st.binary(max_size=40) | st.text('{}[]":,\\ u0d89afNI1e-\n', max_size=40).map(str.encode))
def test_both_ways_agree_on_nonsense(raw: bytes) -> None:
    assert outcome(parse, raw) == outcome(json_text._carefully, raw)  # noqa: SLF001  # as above


def outcome(read: Any, raw: bytes) -> Any:
    try:
        return read(raw)
    except Unreadable:
        return "unreadable"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}', b'{"a":1,"a" :2}', b'{"a":"\\":","a":2}', b'[{"b":{"a":1,"a":2}}]',
        b'{"a":1,"\\u0061":2}',
    ],
)  # fmt: skip
def test_a_name_that_came_twice_is_always_seen(raw: bytes) -> None:
    assert "duplicate_keys" in parse(raw).flags


@pytest.mark.parametrize(
    "written", ["\\b", "\\f", "\\u0008", "\\u000C", "\\u007f", "\\u0000", "\f"]
)
def test_a_control_character_is_taken_out_however_it_is_written(written: str) -> None:
    found = parse(f'{{"na{written}me": ["Sa{written}ra"]}}'.encode())
    assert found.value == {"name": ["Sara"]}
    assert found.flags == {"control_characters"}


@pytest.mark.parametrize("written", ["\\\\b", "\\n", "\\t", "\\r", "\\u06f1"])
def test_what_only_looks_like_one_stays(written: str) -> None:
    raw = f'{{"a": "C:{written}"}}'.encode()
    assert parse(raw) == (json.loads(raw), frozenset())
