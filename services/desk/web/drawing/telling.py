"""The story as the page tells it: days as headings, page views in a row as one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.desk.web.drawing.dates import in_zone

Line = Mapping[str, Any]
FOLDED: Final = "page_view"


def told(lines: Sequence[Line], zone: ZoneInfo) -> list[list[list[Line]]]:
    """Days, newest first, each of groups of lines; only page views in a row share a group."""
    days = groupby(lines, lambda line: in_zone(line["at"], zone).date())
    return [_groups(list(of_day)) for _day, of_day in days]


def _groups(lines: Sequence[Line]) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        if groups and line["kind"] == FOLDED == groups[-1][0]["kind"]:
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups
