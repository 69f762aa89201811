"""A slice's submissions given to persons, one after the other, as values in and values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import msgspec

from libs.common.events import derived_id
from services.enrichment.fold import Profile, merge
from services.enrichment.identify import VISITOR, WEAK, Identifier, Person, identify


class Known(msgspec.Struct, frozen=True):
    """A living person with their profile."""

    person: Person
    profile: Profile


class Claim(msgspec.Struct, frozen=True):
    """A submission that is somebody's, and the identifiers it brings."""

    submission_id: str
    profile: Profile
    identifiers: tuple[Identifier, ...] = ()
    cause: str = ""
    """The event behind it."""
    person_id: str | None = None
    """Whose the submission is already known to be."""
    resent: bool = False
    """A later body of a submission: a touch of its person, if it has one, and no more."""

    @property
    def locks(self) -> tuple[Identifier, ...]:
        """What must not change hands while it is decided on."""
        return self.identifiers

    def of(self, living: Mapping[str, str]) -> Claim:
        """With its person as whoever that is now."""
        if self.person_id is None:
            return self
        return msgspec.structs.replace(self, person_id=living.get(self.person_id))


class Visit(msgspec.Struct, frozen=True):
    """Something done without a way to reach whoever did it."""

    submission_id: str
    cause: str
    """The event behind it."""
    identifiers: tuple[Identifier, ...]
    """The one that decides first, first."""
    scan: Identifier | None = None
    """The scan that led there: it is the same person's, if nobody's yet."""
    person_id: str | None = None
    """Whose it is known, or said by who may say so, to be."""

    def of(self, living: Mapping[str, str]) -> Visit:
        """With its person as whoever that is now."""
        if self.person_id is None:
            return self
        return msgspec.structs.replace(self, person_id=living.get(self.person_id))

    @property
    def is_scan(self) -> bool:
        """Whether it is the scan itself, and not what that led to."""
        return self.scan is not None and self.scan in self.identifiers

    @property
    def locks(self) -> tuple[Identifier, ...]:
        """What must not change hands while it is decided on (rule 14)."""
        return self.identifiers if self.scan is None else (*self.identifiers, self.scan)


class Carrier(NamedTuple):
    """A visit that came with the token of a scan that was not read yet."""

    person_id: str | None
    keys: tuple[Identifier, ...]
    """Under which it waits, if it is nobody's."""


Carried = Mapping[str, Sequence[Carrier]]
"""By token, the earliest first."""


class First(NamedTuple):
    """Who an identifier became known by, and the event behind that."""

    person_id: str
    cause: str


class Decision(msgspec.Struct, frozen=True):
    """Whose a submission is."""

    person_id: str
    new: bool = False
    joined: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


@dataclass
class Settled:
    """The slice's outcome: what the store has to write, and what each answer says."""

    persons: dict[str, Known]
    owners: dict[Identifier, str]
    claimed: dict[Identifier, str] = field(default_factory=dict)
    """Identifiers that had another owner before, or none."""
    firsts: dict[Identifier, First] = field(default_factory=dict)
    """Those that had none."""
    since: dict[Identifier, datetime] = field(default_factory=dict)
    """When the touch was by which a weak identifier is its owner's."""
    awaited: frozenset[Identifier] = frozenset()
    """Those under which visits of earlier slices wait for somebody."""
    carried: Carried = field(default_factory=dict)
    """What visits of earlier slices came with before its scan was read."""
    visits: dict[str, str] = field(default_factory=dict)
    """Persons of visits, by the event behind each."""
    retired: dict[str, str] = field(default_factory=dict)
    """Persons that were joined into another."""
    changed: set[str] = field(default_factory=set)
    decisions: dict[str, Decision] = field(default_factory=dict)
    """By the event behind the claim."""
    whose: dict[str, str] = field(default_factory=dict)
    """By submission."""

    def person_of(self, cause: str) -> str | None:
        """Whose the submission or visit behind an event is, if anybody's."""
        decision = self.decisions.get(cause)
        person = decision.person_id if decision else self.visits.get(cause)
        return self.living(person) if person else None

    def living(self, person_id: str) -> str:
        """The person that this one is now."""
        while person_id in self.retired:
            person_id = self.retired[person_id]
        return person_id


def settle(
    claims: Sequence[Claim | Visit],
    persons: Mapping[str, Known],
    owners: Mapping[Identifier, str],
    since: Mapping[Identifier, datetime] | None = None,
    led: Mapping[Identifier, str] | None = None,
) -> Settled:
    """Give each claim its person, in order; later claims see what earlier ones changed.

    `persons` are all that `owners`, `led` and the claims name, living; nothing given is changed.
    `led` are scans of nobody yet that are somebody's by the visits they led to.
    """
    fresh = {scan: person for scan, person in (led or {}).items() if scan not in owners}
    settled = Settled(dict(persons), {**owners, **fresh}, fresh, since=dict(since or {}))
    unknown = []
    for claim in claims:
        if isinstance(claim, Visit):
            if not _attend(claim, settled):
                unknown.append(claim)
            continue
        known = claim.person_id or settled.whose.get(claim.submission_id)
        if known:
            decision = _again(settled.living(known), claim, settled)
        elif claim.resent:
            continue
        else:
            decision = _decide(claim, settled)
        settled.decisions[claim.cause] = decision
        settled.whose[claim.submission_id] = decision.person_id
        if decision.new:
            settled.changed.add(decision.person_id)
        else:
            _fold(decision.person_id, claim.profile, settled)
        _take(First(decision.person_id, claim.cause), claim, settled)
    for visit in unknown:
        _attend(visit, settled, late=True)
    return settled


def _attend(visit: Visit, settled: Settled, *, late: bool = False) -> bool:
    """Give a visit to whoever is known; of what came before them, to the first of the slice."""
    person = visit.person_id
    for identifier in visit.identifiers:
        first = settled.firsts.get(identifier) if late else None
        person = person or (first.person_id if first else settled.owners.get(identifier))
    if person is None:
        return False
    living = settled.living(person)
    settled.visits[visit.cause] = living
    if visit.scan and visit.scan not in settled.owners:
        settled.owners[visit.scan] = settled.claimed[visit.scan] = living
        settled.firsts[visit.scan] = First(living, visit.cause)
    return True


def _decide(claim: Claim, settled: Settled) -> Decision:
    owners = {i: settled.living(o) for i in claim.identifiers if (o := settled.owners.get(i))}
    if not owners:
        return _open(claim, settled)
    matched = identify(
        claim.identifiers, owners, {id_: settled.persons[id_].person for id_ in owners.values()}
    )
    if not matched.persons:
        return _open(claim, settled)
    survivor, *joined = matched.persons
    for retired in joined:
        _join(survivor, retired, settled)
    return Decision(survivor, joined=tuple(joined), conflicts=matched.conflicts)


def _again(person_id: str, claim: Claim, settled: Settled) -> Decision:
    """A submission whose person is known stays theirs; who else a resend names is for a human."""
    others = {
        settled.living(owner)
        for identifier in claim.identifiers
        if claim.resent and identifier.kind not in WEAK
        if (owner := settled.owners.get(identifier))
    }
    return Decision(person_id, conflicts=tuple(sorted(others - {person_id})))


def _open(claim: Claim, settled: Settled) -> Decision:
    """A new person, with an id of its cause: a slice done again makes the same one."""
    person_id = derived_id("person", claim.submission_id)
    person = Person(person_id, claim.profile.first.at, {})
    settled.persons[person_id] = Known(person, claim.profile)
    return Decision(person_id, new=True)


def _join(survivor: str, retired: str, settled: Settled) -> None:
    one, other = settled.persons[survivor], settled.persons[retired]
    held = [
        Identifier(kind, value) for kind, values in other.person.held.items() for value in values
    ]
    settled.persons[survivor] = Known(one.person.holding(held), merge(one.profile, other.profile))
    settled.retired[retired] = survivor
    settled.changed |= {survivor, retired}


def _fold(person_id: str, profile: Profile, settled: Settled) -> None:
    known = settled.persons[person_id]
    settled.persons[person_id] = Known(known.person, merge(known.profile, profile))
    settled.changed.add(person_id)


def _take(first: First, claim: Claim, settled: Settled) -> None:
    """Add to the person what nobody holds: an unknown identifier beside a known one is theirs.

    A browser goes to whoever identified on it last, so it may change hands.
    """
    at = claim.profile.first.at
    free = [one for one in claim.identifiers if one not in settled.owners]
    for identifier in free:
        settled.firsts[identifier] = first
    moved = [one for one in claim.identifiers if _moves(one, first.person_id, at, settled)]
    for identifier in (*free, *moved):
        settled.owners[identifier] = settled.claimed[identifier] = first.person_id
        settled.since[identifier] = at
    known = settled.persons[first.person_id]
    settled.persons[first.person_id] = Known(known.person.holding(free), known.profile)


def _moves(identifier: Identifier, person_id: str, at: datetime, settled: Settled) -> bool:
    owner = settled.owners.get(identifier)
    if identifier.kind != VISITOR or owner is None:
        return False
    since = settled.since.get(identifier)
    return settled.living(owner) != person_id and (since is None or since <= at)
