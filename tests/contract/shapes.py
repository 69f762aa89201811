"""Hypothesis strategies of the event structs, made of their own types: no field is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from libs.common.events import Event
from libs.common.events.envelope import TYPES

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
HEADER = st.text(st.characters(codec="utf-8"), max_size=12)
_LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT
JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis takes bounds without a zone


def of(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of a type as msgspec sees it."""
    if isinstance(kind, inspect.StructType):
        return _struct(kind)
    if isinstance(kind, inspect.UnionType):
        return st.one_of([of(one) for one in kind.types])
    if isinstance(kind, inspect.VarTupleType):
        return st.lists(of(kind.item_type), max_size=3).map(tuple)
    if isinstance(kind, inspect.DictType):
        return st.dictionaries(of(kind.key_type), of(kind.value_type), max_size=3)
    if isinstance(kind, inspect.LiteralType):
        return st.sampled_from(kind.values)
    return _LEAF[type(kind)]


def _struct(kind: inspect.StructType) -> st.SearchStrategy[Any]:
    fields = {field.name: of(field.type) for field in kind.fields}
    return st.builds(kind.cls, **fields)


_LEAF: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
    inspect.StrType: TEXT,
    inspect.IntType: st.integers(-(2**53), 2**53),
    inspect.FloatType: st.floats(allow_nan=False, allow_infinity=False),
    inspect.BoolType: st.booleans(),
    inspect.BytesType: st.binary(max_size=20),
    inspect.DateTimeType: TIMES,
    inspect.NoneType: st.none(),
    inspect.AnyType: JSON,
}

PAYLOADS = st.one_of([of(msgspec.inspect.type_info(struct)) for _, struct in TYPES.values()])
EVENTS = st.builds(
    Event,
    id=st.uuids().map(str),
    key=TEXT,
    time=TIMES,
    data=PAYLOADS,
    source=HEADER,
    round=st.integers(0, 2**31 - 1),
    traceparent=st.none() | HEADER.filter(bool),
    extensions=st.sampled_from([(), (("spool", "a"), ("sequence", "7"))]),
)
