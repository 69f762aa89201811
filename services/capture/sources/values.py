"""Values out of platforms' JSON: ids as text, times of several spellings. None of these fails."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from libs.common.bodies import Unreadable, parse, plain
from services.capture.sources.arrival import DUPLICATES

_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TOO_LATE: Final = datetime(2100, 1, 1, tzinfo=UTC)
_DIGITS: Final = 11
"""Of seconds until the year 5138; with more, `fromtimestamp` may not know the year."""


def id_text(value: Any) -> str | None:
    """An id as text; of a number its digits. None for what is no id (it may go into a URL)."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    text = str(value).strip()
    return text if _ID.fullmatch(text) and text.strip(".") else None


def ids(values: dict[str, Any], *names: str) -> dict[str, str]:
    """Those of the names that hold ids."""
    found = {name: id_text(values.get(name)) for name in names}
    return {name: text for name, text in found.items() if text}


def texts(values: dict[str, Any], *names: str) -> dict[str, str]:
    """Those of the names that hold text or ids."""
    found: dict[str, str] = {}
    for name in names:
        value = values.get(name)
        text = value.strip() if isinstance(value, str) else id_text(value)
        if text:
            found[name] = str(text)
    return found


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def is_yes(value: Any) -> bool:
    """True, however it is spelled: JSON's own, 1, or either of them as text."""
    if isinstance(value, str):
        return value.strip().lower() in ("true", "1")
    return value is True or (type(value) is int and value == 1)


def credible(moment: datetime) -> datetime | None:
    """The moment, unless no platform's clock can have shown it.

    The first and the last hours of the calendar have no place in some zones, and its first
    centuries none in the Jalali one: nobody downstream is to meet them.
    """
    return moment if _EARLIEST <= moment < _TOO_LATE else None


def of_seconds(value: Any) -> datetime | None:
    """Unix seconds, as a number or as text."""
    text = id_text(value) or ""
    if not text.isdecimal() or len(text) > _DIGITS or not int(text):
        return None
    return credible(datetime.fromtimestamp(int(text), UTC))


def of_milliseconds(value: Any) -> datetime | None:
    """Unix milliseconds, as a number or as text; what is less than a second is cut off."""
    text = id_text(value) or ""
    return of_seconds(text[:-3]) if text.isdecimal() else None


def of_iso(value: Any) -> datetime | None:
    """ISO 8601 with an offset, also one without a colon (+0000)."""
    try:
        found = datetime.fromisoformat(str(value)) if isinstance(value, str) else None
        return credible(found.astimezone(UTC)) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def object_in(raw: bytes) -> tuple[dict[str, Any], str | None]:
    """The JSON object that a body is, and why it waits for a human; an empty one for others."""
    try:
        value, flags = parse(raw)
    except Unreadable:
        return {}, None
    return mapping(value), DUPLICATES if DUPLICATES in flags else None


def alone(values: list[Any]) -> Any:
    """Of several values a list, of one itself, of none nothing."""
    return values if len(values) > 1 else values[0] if values else None


def canonical(value: Any) -> bytes:
    """The same bytes for the same content, whatever the order of names."""
    return msgspec.json.encode(plain(value), order="deterministic")
