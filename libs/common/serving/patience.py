"""Bodies that may take their time: no end is set for them, but a pace that they have to keep."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

PACE_SECONDS: Final = 15.0
PACE_BYTES: Final = 128 * 1024
"""A body that may take its time brings so much in each such span: about 9 kB a second; and in the
time that every body has, before the first of them begins."""
TAKE_TIME: Final = "sarnakh.take_time"
"""In a scope's extensions (https://asgi.readthedocs.io/en/latest/extensions.html)."""


def take_time(scope: MutableMapping[str, Any]) -> None:
    """Let the body of this request take as long as it keeps up the pace.

    For a route that expects a large one of somebody who has signed in, before it is read.
    """
    if found := scope.get("extensions", {}).get(TAKE_TIME):
        found["allow"]()
