"""JSON from strangers: bounded, every odd thing either refused or repaired and flagged."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NamedTuple

import msgspec

from libs.common.bodies.contract import MOST_FIELDS, Filled, Unreadable
from libs.common.bodies.texts import repaired

DEEPEST: Final = 64
_WORTH_A_WALK: Final = re.compile(
    rb"\\(?:[bf]|u(?:00[01]|007f|d[89a-f]))|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", re.IGNORECASE
)
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\(?:.|\Z))*(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)
"""A string without an end takes all that follows, so that nothing is read twice."""
_LONG_INT: Final = 18
_CONTROLS: Final = frozenset({*range(0x20), 0x7F} - {*b"\t\n\r"})
_KINDS: Final = bytes(
    ord("0") if byte in b"0123456789" else byte not in _CONTROLS for byte in range(256)
)
"""Every byte as a digit (0x30), fit (1) or a control character (0), to be searched in one go."""
_LONG_DIGITS: Final = b"0" * _LONG_INT
_SPACED: Final = re.compile(rb'"[ \t\r\n]')
_NESTED: Final = (dict, list)
_NAME: Final = re.compile(rb'"[ \t\r\n]*:')


class LongNumber(str):
    """An integer beyond 64 bits, kept as its digits; not a text that somebody typed."""

    __slots__ = ()


class Parsed(NamedTuple):
    """A JSON value and what had to be repaired in it."""

    value: Any
    flags: frozenset[str]


def parse(raw: bytes) -> Parsed:
    """The value. Raises Unreadable for what is no JSON, NaN and Infinity, and too deep nesting."""
    value = _plainly(raw)
    return _carefully(raw) if value is None else Parsed(value, frozenset())


def _plainly(raw: bytes) -> Any:
    """The value of a body with nothing odd in it, ten times as fast; None for all others.

    Each name is a quote before a colon, and a text may hold more of those: so where there are
    as many of them as there are different names, no name came twice.
    """
    kinds = raw.translate(_KINDS)
    if b"\0" in kinds or _LONG_DIGITS in kinds or _depth_is_suspect(raw):
        return None
    if b"\\" in raw and _WORTH_A_WALK.search(raw):
        return None
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return value if _most_names(raw) == _names_in(value) else None


def _most_names(raw: bytes) -> int:
    """How many quotes stand before a colon, with or without space between them."""
    if _SPACED.search(raw):
        return len(_NAME.findall(raw))
    return raw.count(b'":')


def _names_in(value: Any) -> int:
    found, inside = 0, value
    if type(value) is dict:
        found, inside = len(value), value.values()
    elif type(value) is not list:
        return 0
    for each in inside:
        if type(each) in _NESTED:
            found += _names_in(each)
    return found


def _carefully(raw: bytes) -> Parsed:
    flags: set[str] = set()

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            flags.add("duplicate_keys")
        return found

    decoder = json.JSONDecoder(
        object_pairs_hook=mapping,
        parse_constant=_no_constant,
        parse_int=_bounded,
        parse_float=_finite,
        strict=False,
    )
    text = _text(raw, flags)
    if _depth_is_suspect(raw):
        _check_depth(text)
    try:
        value = decoder.decode(text.strip("\ufeff \t\r\n\x00"))
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error
    if flags or _WORTH_A_WALK.search(raw) or b"\x00" in raw:
        value = _fit(value, flags)
    return Parsed(value, frozenset(flags))


def read_json(raw: bytes, _parameter: str | None) -> Filled:
    """A JSON object as a form. Raises Unreadable for anything else."""
    parsed = parse(raw)
    if not isinstance(parsed.value, dict):
        raise Unreadable("a JSON object was expected")
    if len(parsed.value) > MOST_FIELDS:
        raise Unreadable("too many fields")
    return Filled(plain(parsed.value), parsed.flags)


def plain(value: Any) -> Any:
    """The value with integers beyond 64 bits as their digits."""
    if isinstance(value, LongNumber):
        return str(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


def _text(raw: bytes, flags: set[str]) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        flags.add("encoding")
    guess = json.detect_encoding(raw)
    if guess not in ("utf-8", "utf-8-sig"):
        return raw.decode(guess, errors="replace")
    return raw.decode("windows-1252", errors="replace")


def _no_constant(name: str) -> Any:
    raise Unreadable(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if number - number != 0:
        raise Unreadable("a number is out of range")
    return number


def _bounded(digits: str) -> Any:
    return int(digits) if len(digits) <= _LONG_INT else LongNumber(digits)


def _depth_is_suspect(raw: bytes) -> bool:
    return raw.count(b"[") + raw.count(b"{") > DEEPEST


def _check_depth(text: str) -> None:
    depth = 0
    for bracket in _STRING_OR_BRACKET.finditer(text):
        if bracket.group() in "[{":
            depth += 1
            if depth > DEEPEST:
                raise Unreadable("nested too deep")
        elif bracket.group() in "]}":
            depth -= 1


def _fit(value: Any, flags: set[str]) -> Any:
    if isinstance(value, LongNumber):
        return value
    if isinstance(value, str):
        text, found = repaired(value)
        flags |= found
        return text
    if isinstance(value, list):
        return [_fit(item, flags) for item in value]
    if isinstance(value, dict):
        fit = {_fit(name, flags): _fit(item, flags) for name, item in value.items()}
        if len(fit) != len(value):
            flags.add("duplicate_keys")
        return fit
    return value
