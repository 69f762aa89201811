"""Short ways to say what happened, for the tests of scoring."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from services.scoring.fact import Fact

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_count = itertools.count()


def submission(
    message: str | None = None,
    *,
    kind: str = "form",
    page: str | None = "nil.example/contact",
    minute: int | None = None,
    **roots: dict[str, Any],
) -> Fact:
    """A form, chat … as it is stored."""
    number = next(_count)
    contact = {"message": message} if message else {}
    fields = {
        "contact": contact | roots.get("contact", {}),
        "verified": roots.get("verified", {}),
        "attribution": ({"page": page} if page else {}) | roots.get("attribution", {}),
        "touch": {"kind": kind, "source": "main"} | roots.get("touch", {}),
    }
    at = NOW + timedelta(minutes=number if minute is None else minute)
    return Fact(f"s{number:04}", "submission", at, fields)


def activity(kind: str, *, minute: int | None = None, **more: Any) -> Fact:
    """Something done by a visitor, or by staff when it is called staff."""
    number = next(_count)
    at = NOW + timedelta(minutes=number if minute is None else minute)
    staff = kind.startswith("staff.")
    fields = {"activity": {"type": kind, **more}}
    return Fact(f"a{number:04}", "staff" if staff else "activity", at, fields)
