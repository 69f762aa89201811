"""Values as Postgres takes them."""

from __future__ import annotations

from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()


def jsonb(value: Any) -> str:
    """JSON text for a jsonb column, which takes no NUL."""
    encoded = _ENCODER.encode(value).decode()
    if "\\u0000" in encoded:
        encoded = _ENCODER.encode(_without_nul(msgspec.to_builtins(value))).decode()
    return encoded


def plain(value: str | None) -> str | None:
    """Text for a text column, which takes no NUL."""
    return value.replace("\x00", "") if value else value


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    return value
