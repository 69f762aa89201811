"""A slice's submissions given to persons, one after the other, as values in and values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from libs.common.events import derived_id
from services.enrichment.fold import Profile, merge
from services.enrichment.identify import VISITOR, Identifier, Person, identify


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

    def of(self, living: Mapping[str, str]) -> Claim:
        """With its person as whoever that is now."""
        return msgspec.structs.replace(self, person_id=living.get(self.person_id or ""))


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
    """Identifiers that had no owner before."""
    retired: dict[str, str] = field(default_factory=dict)
    """Persons that were joined into another."""
    changed: set[str] = field(default_factory=set)
    decisions: dict[str, Decision] = field(default_factory=dict)
    """By the event behind the claim."""
    whose: dict[str, str] = field(default_factory=dict)
    """By submission."""

    def living(self, person_id: str) -> str:
        """The person that this one is now."""
        while person_id in self.retired:
            person_id = self.retired[person_id]
        return person_id


def settle(
    claims: Sequence[Claim], persons: Mapping[str, Known], owners: Mapping[Identifier, str]
) -> Settled:
    """Give each claim its person, in order; later claims see what earlier ones changed.

    `persons` are all that `owners` and the claims name, living; nothing given is changed.
    """
    settled = Settled(dict(persons), dict(owners))
    for claim in claims:
        known = claim.person_id or settled.whose.get(claim.submission_id)
        if known:
            decision = _again(settled.living(known), claim, settled)
        elif claim.resent:
            continue
        else:
            decision = _decide(claim, settled)
        settled.decisions[claim.cause] = decision
        settled.whose[claim.submission_id] = decision.person_id
        _fold(decision.person_id, claim.profile, settled)
        _take(decision.person_id, claim.identifiers, settled)
    return settled


def _decide(claim: Claim, settled: Settled) -> Decision:
    owners = {i: settled.living(o) for i in claim.identifiers if (o := settled.owners.get(i))}
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
        if claim.resent and identifier.kind != VISITOR
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


def _take(person_id: str, identifiers: Sequence[Identifier], settled: Settled) -> None:
    """Add to the person what nobody holds: an unknown identifier beside a known one is theirs."""
    free = [one for one in identifiers if one not in settled.owners]
    for identifier in free:
        settled.owners[identifier] = settled.claimed[identifier] = person_id
    known = settled.persons[person_id]
    settled.persons[person_id] = Known(known.person.holding(free), known.profile)
