"""A submission whose scan was read after it: what the read model knows of it then."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from libs.common.events import Activity, Contact, Touch
from services.desk.reading.touch import of_touch

_WEIGHT: Final = 3
"""Above what enrichment said first, in whatever order the two are read."""


class LateScan(msgspec.Struct, frozen=True):
    """The submission as it is known with its scan."""

    touch: Touch
    brought: Contact


def late_scan_in(data: Activity) -> LateScan | None:
    """What such an activity tells of a submission itself; None for any other."""
    if data.type != "submission.resent" or data.data.get("scanned") is not True:
        return None
    try:
        found = msgspec.convert(data.data, LateScan)
    except msgspec.ValidationError:
        return None
    return found if found.touch.submission_id == data.submission_id else None


def known_by(found: LateScan, turn: int) -> dict[str, Any]:
    """The columns of its row that it fills, in the round in which it was told.

    How far the submission has come it does not say, also where the word itself is sent again.
    """
    return {
        "round": 0,
        **of_touch(found.touch),
        "contact": found.brought,
        "attribution": found.touch.attribution,
        "content_round": turn,
        "content_weight": _WEIGHT,
    }
