"""The teams as they stand while a slice is decided: shares, loads, pauses, and who waits."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from libs.common.configuration.schema import Specialist, Team
from libs.common.events import Text
from services.routing import words
from services.routing.choosing.attendance import Attendance, Hindrance, Load, Pause
from services.routing.choosing.shares import Pointers
from services.routing.choosing.turn import Turn
from services.routing.plan import Plan


class Place(NamedTuple):
    """A lead's place in the queue. Places sort in the order in which they are served."""

    turn: Turn
    team: str
    person_id: str
    since: datetime
    config_version: int
    """Of the configuration by which it was last decided that it waits."""
    offered_at: datetime | None = None


class Pool(NamedTuple):
    """Who may be given a lead of a team now: of itself, or of the fallback team in its stead."""

    team: Team
    hindered: Mapping[str, Text]
    """Its members who may not, and why."""
    open: Sequence[Specialist]
    """Its members who may."""


class Roster(msgspec.Struct, frozen=True):
    """What decides whose turn it is. A changed one is a new one."""

    plan: Plan
    now: datetime
    pointers: Mapping[str, Pointers] = msgspec.field(default_factory=dict)
    loads: Mapping[str, Load] = msgspec.field(default_factory=dict)
    pauses: Mapping[str, Pause] = msgspec.field(default_factory=dict)
    queue: tuple[Place, ...] = ()
    """The heads of the queue of every team, in order."""
    known: dict[int, Hindrance | None] = msgspec.field(default_factory=dict)
    """What has been learned of who is there."""
    returns: dict[str, datetime | None] = msgspec.field(default_factory=dict)
    """What has been learned of when teams are back."""
    pools: dict[str, Pool | None] = msgspec.field(default_factory=dict)
    """What has been learned of who may be given a lead, where nobody can be full."""

    @property
    def attendance(self) -> Attendance:
        """Who is here, by this roster."""
        return Attendance(self.plan, self.now, self.pauses, self.loads, self.known)

    def moved(self, team: str, pointers: Pointers) -> Roster:
        """The roster with a team's pointers after a pick."""
        return replace(self, pointers={**self.pointers, team: pointers})

    def counted(self, loads: Mapping[str, Load]) -> Roster:
        """The roster with these loads."""
        return self if self.loads == loads else replace(self, loads=dict(loads))

    def loaded(self, specialist: str | None, by: int, given: int = 0) -> Roster:
        """The roster when `specialist` has so many open leads more (or less)."""
        if specialist is None:
            return self
        load = self.loads.get(specialist, Load())
        after = Load(max(0, load.open + by), load.today + given)
        return replace(self, loads={**self.loads, specialist: after})

    def paused(self, specialist: str, pause: Pause | None) -> Roster:
        """The roster with somebody put aside, or back."""
        others = {key: found for key, found in self.pauses.items() if key != specialist}
        pauses = {**others, specialist: pause} if pause else others
        return replace(self, pauses=pauses, known={}, returns={}, pools={})

    def left(self, lead_id: str) -> Roster:
        """The roster without this lead in the queue."""
        return replace(self, queue=tuple(p for p in self.queue if p.turn.lead_id != lead_id))

    def queued(self, place: Place) -> Roster:
        """The roster with a lead in the queue, at one place only."""
        lead_id = place.turn.lead_id
        before = next((p for p in self.queue if p.turn.lead_id == lead_id), None)
        queue = [p for p in self.queue if p is not before]
        insort(queue, place._replace(offered_at=before and before.offered_at))
        return replace(self, queue=tuple(queue))

    def open_leads(self, team: Team) -> dict[str, int]:
        """How many open leads each of a team has."""
        return {m.key: self.loads.get(m.key, Load()).open for m in team.specialists}

    def pool(self, team: str) -> Pool | None:
        """Who may be given a lead of this team now; None where nobody is there.

        Outside hours nobody is, if leads are held: they wait for their own team then. Else all
        who are not on leave or paused are.
        """
        if self.plan.has_limits:
            return self._pool(team)
        if team not in self.pools:
            self.pools[team] = self._pool(team)
        return self.pools[team]

    def _pool(self, team: str) -> Pool | None:
        for key in dict.fromkeys((team, self.plan.content.routing.fallback)):
            found = self.plan.teams.get(key)
            if found and self.is_staffed(found):
                return self.pool_of(found)
            if found and self.opens_again(found):
                return None
        return None

    def opens_again(self, team: Team) -> bool:
        """Whether leads are held for a team until somebody of it is back, at a time that is known.

        Where nobody is ever, they are another's.
        """
        return self.plan.holds and self.back_at(team) is not None

    def back_at(self, team: Team) -> datetime | None:
        """When the first of a team is at work again; None where nobody knows."""
        if team.key not in self.returns:
            self.returns[team.key] = self.attendance.back_at(team)
        return self.returns[team.key]

    def is_staffed(self, team: Team) -> bool:
        """Whether anybody of a team can be asked now, full or not."""
        look = self.attendance
        there = look.is_at_work if self.plan.holds else look.is_here
        return any(there(member) for member in team.specialists)

    def pool_of(self, team: Team, passed: Sequence[str] = ()) -> Pool:
        """Who of a team may be given a lead that these have passed on.

        Those at work come first. Where none of them is left, and leads are not held, others
        who are neither on leave nor paused may be given it outside their hours.
        """
        look = self.attendance
        found = {member.key: look.hindrance(member) for member in team.specialists}
        asked = [m for m in team.specialists if m.key not in passed]
        if not self.plan.holds and not any(look.is_at_work(m) for m in asked):
            for member in asked:
                if _is_off(found[member.key]):
                    found[member.key] = look.fullness(member)
        hindered = {key: hindrance.why for key, hindrance in found.items() if hindrance}
        return Pool(team, hindered, [m for m in asked if m.key not in hindered])

    def seats(self) -> Iterator[tuple[Place, str | None]]:
        """The queue in order, each with the specialist whose seat would be its own, if any."""
        pools: dict[str, Pool | None] = {}
        taken: Counter[str] = Counter()
        for place in self.queue:
            if place.team not in pools:
                pools[place.team] = self.pool(place.team)
            pool = pools[place.team]
            seat = self._roomiest(pool.open, taken) if pool else None
            if seat:
                taken[seat] += 1
            yield place, seat

    def kept_for_others(self, turn: Turn) -> Counter[str]:
        """How many seats of each specialist belong to leads that are served before this one."""
        kept: Counter[str] = Counter()
        for place, seat in self.seats() if self.queue else ():
            if place.turn >= turn:
                break
            if seat:
                kept[seat] += 1
        return kept

    def without_kept(self, pool: Pool, turn: Turn) -> Pool:
        """The pool without the seats that belong to leads which are served first."""
        kept = self.kept_for_others(turn)
        gone = [m.key for m in pool.open if kept[m.key] and not self._has_room(m, kept)]
        if not gone:
            return pool
        hindered = {**pool.hindered, **dict.fromkeys(gone, words.SEAT_KEPT)}
        return Pool(pool.team, hindered, [m for m in pool.open if m.key not in gone])

    def _roomiest(self, members: Sequence[Specialist], taken: Mapping[str, int]) -> str | None:
        def left(member: Specialist) -> float:
            room = self.attendance.room(member)
            return float("inf") if room is None else room - taken.get(member.key, 0)

        best = max(members, key=left, default=None)
        return best.key if best and left(best) > 0 else None

    def _has_room(self, member: Specialist, taken: Mapping[str, int]) -> bool:
        return self._roomiest((member,), taken) is not None


def _is_off(hindrance: Hindrance | None) -> bool:
    return hindrance is not None and hindrance.kind == "off"
