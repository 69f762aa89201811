"""What counts as breaking a reader of another version, case by case."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import pytest

from libs.common.events.compatibility import breaks


class Inner(msgspec.Struct, omit_defaults=True):
    a: str
    b: int = 0


def _schema(*fields: tuple[str, Any] | tuple[str, Any, Any]) -> dict[str, Any]:
    return msgspec.json.schema(msgspec.defstruct("Told", fields))


OLD = _schema(
    ("id", str),
    ("inner", Inner),
    ("many", tuple[Inner, ...]),
    ("named", dict[str, str]),
    ("state", Literal["open", "won"]),
    ("note", str | None, None),
)


def _changed(name: str, *to: Any) -> dict[str, Any]:
    """The old struct with one field of another kind; without any, the field is gone."""
    fields: dict[str, tuple[Any, ...]] = {
        "id": (str,),
        "inner": (Inner,),
        "many": (tuple[Inner, ...],),
        "named": (dict[str, str],),
        "state": (Literal["open", "won"],),
        "note": (str | None, None),
    }
    fields[name] = to
    ordered = sorted(fields.items(), key=lambda field: len(field[1]))
    return _schema(*((key, *kind) for key, kind in ordered if kind))


class Longer(msgspec.Struct, omit_defaults=True):
    a: str
    c: str
    b: int = 0


class Shorter(msgspec.Struct, omit_defaults=True):
    a: str


class Wider(msgspec.Struct, omit_defaults=True):
    a: str
    b: int = 0
    c: str = ""


def test_the_same_struct_breaks_nothing() -> None:
    assert breaks(OLD, OLD) == []


@pytest.mark.parametrize(
    "new",
    [
        _changed("added", str, ""),
        _changed("added", str | None, None),
        _changed("inner", Wider),
        _changed("many", tuple[Wider, ...]),
        _changed("state", Literal["won", "open"]),
    ],
)
def test_a_field_with_a_default_may_be_added_anywhere(new: dict[str, Any]) -> None:
    assert breaks(OLD, new) == []


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        (_changed("id"), ".id: removed"),
        (_changed("note"), ".note: removed"),
        (_changed("added", str), ".added: required, old records lack it"),
        (_changed("id", int), ".id: its type changed"),
        (_changed("id", str, ""), ".id: no longer required, old readers need it"),
        (_changed("note", str | None, "none"), ".note: its default changed"),
        (_changed("note", str | int | None, None), ".note: its type changed"),
        (_changed("state", Literal["open", "won", "lost"]), ".state: its type changed"),
        (_changed("state", Literal["open"]), ".state: its type changed"),
        (_changed("inner", Longer), ".inner.c: required, old records lack it"),
        (_changed("inner", Shorter), ".inner.b: removed"),
        (_changed("many", tuple[Shorter, ...]), ".many[].b: removed"),
        (_changed("many", tuple[str, ...]), ".many[]: its type changed"),
        (_changed("named", dict[str, int]), ".named{}: its type changed"),
        (_changed("named", dict[str, Any]), ".named: its type changed"),
    ],
)
def test_whatever_another_version_cannot_read_is_named(new: dict[str, Any], problem: str) -> None:
    assert problem in breaks(OLD, new)
