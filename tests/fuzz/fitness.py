"""What every value that is read out of strangers' bytes has to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from libs.common.bodies.texts import repaired


def fit(value: Any) -> None:
    """Every text in it is one that Postgres, JSON and people can have."""
    msgspec.json.encode(value)
    if isinstance(value, str):
        assert repaired(value).text == value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            fit(name)
            fit(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            fit(inner)
