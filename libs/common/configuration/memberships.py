"""One specialist in several teams, on terms that differ: nobody should guess which hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from libs.common.configuration.problems import Path
from libs.common.configuration.schema import Configuration, Specialist

Found = Iterator[tuple[Path, str, str]]

_SHARED: Final = ("languages", "capacity", "hours", "away", "notify")
"""What belongs to a person, and not, as a weight does, to their place in a team."""


def warnings(configuration: Configuration) -> Found:
    """Terms that differ from those of the first team that names the person."""
    first: dict[str, tuple[str, Specialist]] = {}
    for i, team in enumerate(configuration.teams):
        for j, each in enumerate(team.specialists):
            other, known = first.setdefault(each.key, (team.key, each))
            for name in _SHARED:
                if getattr(each, name) != getattr(known, name):
                    yield (
                        ("teams", i, "specialists", j, name),
                        f"با همین کارشناس در تیم {other} فرق دارد؛ هر دو را یکسان بنویسید",
                        f"differs from the same person's in team {other}; write both alike",
                    )
