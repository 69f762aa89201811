"""The board as it is drawn: who has what, beside what they may have; pure, from counted rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from libs.common.configuration import Configuration
from libs.common.configuration.schema import Specialist, Team
from services.desk.overviews.roster import Pause, Presence, Share, presence, shares

Row = Mapping[str, Any]
COUNTED: Final = ("open", "unaccepted", "late", "contacted", "won", "lost")


class Load(NamedTuple):
    """How much of what is allowed is used; without `most` there is no limit."""

    used: int
    most: int | None

    @property
    def part(self) -> float:
        """Between 0 and 1; a limit of nothing is used up."""
        if self.most is None:
            return 0.0
        return min(1.0, self.used / self.most) if self.most else 1.0


class Line(NamedTuple):
    """One specialist in one team."""

    key: str
    name: str
    counts: Mapping[str, int]
    open: Load
    """Of all teams together, as the limit is."""
    today: Load
    weight: float
    presence: Presence
    share: Share


class TeamBoard(NamedTuple):
    """One team."""

    key: str
    waiting: int
    lines: tuple[Line, ...]
    gone: tuple[tuple[str, int], ...]
    """Whoever has open leads of this team and is not in it any more."""


class Seen(NamedTuple):
    """What the board is made of."""

    counts: Iterable[Row]
    given: Iterable[Row]
    pauses: Mapping[str, Pause]
    opens: Mapping[str, datetime]
    """When those who are off now work again."""


def boards(content: Configuration, seen: Seen, now: datetime) -> tuple[TeamBoard, ...]:
    """Every team of the configuration, then those that still have leads and are gone from it."""
    by_team: dict[str, dict[str | None, Row]] = defaultdict(dict)
    held: dict[str, int] = defaultdict(int)
    for row in seen.counts:
        by_team[row["team"] or content.routing.fallback][row["owner"]] = row
        if row["owner"]:
            held[row["owner"]] += row["open"]
    turns: dict[str, dict[str, int]] = defaultdict(dict)
    today: dict[str, int] = defaultdict(int)
    for row in seen.given:
        turns[row["team"]][row["specialist"]] = row["in_turn"]
        today[row["specialist"]] += row["today"]
    zone = ZoneInfo(content.organisation.time_zone)

    def line(member: Specialist, found: Row | None, share: Share) -> Line:
        pause, opens = seen.pauses.get(member.key), seen.opens.get(member.key)
        return Line(
            key=member.key,
            name=member.name,
            counts={name: found[name] if found else 0 for name in COUNTED},
            open=Load(held[member.key], member.capacity.open),
            today=Load(today[member.key], member.capacity.per_day),
            weight=member.weight,
            presence=presence(member, pause, opens, now, zone),
            share=share,
        )

    def board(team: Team) -> TeamBoard:
        rows, due = by_team.pop(team.key, {}), shares(team, turns[team.key])
        members = {member.key for member in team.specialists}
        return TeamBoard(
            key=team.key,
            waiting=sum(row["waiting"] for row in rows.values()),
            lines=tuple(line(m, rows.get(m.key), due[m.key]) for m in team.specialists),
            gone=_gone(rows, members),
        )

    known = tuple(board(team) for team in content.teams)
    left = tuple(
        TeamBoard(key, sum(row["waiting"] for row in rows.values()), (), _gone(rows, set()))
        for key, rows in sorted(by_team.items())
        if any(row["open"] for row in rows.values())
    )
    return known + left


def _gone(rows: Mapping[str | None, Row], members: set[str]) -> tuple[tuple[str, int], ...]:
    return tuple(
        (owner, row["open"])
        for owner, row in sorted(rows.items(), key=lambda item: item[0] or "")
        if owner and owner not in members and row["open"]
    )
