"""Who it is: the decision of delivery rules 13 to 15 for one submission.

Identifiers are exact keys, each held by at most one person. A phone decides before an e-mail,
an e-mail before a chat handle; a visitor id or a scan decides nothing, as people share devices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from libs.common.events import Contact

PHONE: Final = "phone"
EMAIL: Final = "email"
HANDLE: Final = "handle:"
"""Followed by the platform: the same name on two platforms is two people."""
WIDGETS: Final = frozenset(
    f"{HANDLE}{kind}" for kind in ("chatwoot", "crisp", "goftino", "intercom", "tawk")
)
"""Handles that a website's chat gives to a browser or conversation: a person may have several,
so that another one speaks against nobody, as another account of a messenger does."""
VISITOR: Final = "visitor"
SCAN: Final = "scan"
"""The token of one scan of a QR code."""
WEAK: Final = frozenset({VISITOR, SCAN})
"""They decide nothing: a browser, a screen or a printed link may be several people's."""
LONGEST: Final = 320
"""Characters of an identifier: what is longer identifies nobody."""

_NO_VISITOR: Final = frozenset(
    {"null", "undefined", "none", "nan", "false", "true", "0", "-1", "unknown", "anonymous"}
    | {"[object object]", "00000000-0000-0000-0000-000000000000"}
)
"""What scripts send when they have no visitor id: it would make everybody one visitor."""
_DECIDES: Final = {PHONE: 0, EMAIL: 1}
_LAST: Final = 2


class Identifier(NamedTuple):
    """A key of a person: its kind, and its value in matching form."""

    kind: str
    value: str


class Person(msgspec.Struct, frozen=True):
    """What identity needs to know of a person."""

    id: str
    opened_at: datetime
    """When the submission that made the person was received: the older id survives."""
    held: Mapping[str, frozenset[str]]
    """Identifiers by kind. Of many, two stand for all: enough to know of another value."""

    def holding(self, identifiers: Sequence[Identifier]) -> Person:
        """With these identifiers as well."""
        held = dict(self.held)
        for kind, value in identifiers:
            held[kind] = held.get(kind, frozenset()) | {value}
        return msgspec.structs.replace(self, held=held)


class Match(NamedTuple):
    """Who the submission is of: one person, or several that now are one; nobody yet if empty."""

    persons: tuple[str, ...]
    """The survivor first, then those that retire into it."""
    conflicts: tuple[str, ...] = ()
    """Persons whom another identifier names and who must not be merged: for a human to see."""


def identifiers_of(
    contact: Contact, source_kind: str, visitor: str | None, scan: str | None = None
) -> list[Identifier]:
    """The keys that a submission brings, the one that decides first."""
    found = []
    if contact.phone:
        found.append(Identifier(PHONE, contact.phone))
    if contact.email:
        found.append(Identifier(EMAIL, contact.email.lower()))
    if contact.handle:
        found.append(Identifier(f"{HANDLE}{source_kind}", contact.handle.lower()))
    if visitor and visitor.strip().lower() not in _NO_VISITOR:
        found.append(Identifier(VISITOR, visitor))
    if scan:
        found.append(Identifier(SCAN, scan))
    return [one for one in found if len(one.value) <= LONGEST]


def identify(
    brought: Sequence[Identifier],
    owners: Mapping[Identifier, str],
    persons: Mapping[str, Person],
) -> Match:
    """Find the persons that the identifiers name, and whether they are one (rule 15)."""
    deciding = sorted((i for i in brought if i.kind not in WEAK), key=_precedence)
    named: dict[str, list[Identifier]] = {}
    for identifier in deciding:
        if identifier in owners:
            named.setdefault(owners[identifier], []).append(identifier)
    if not named:
        return Match(())
    values = {identifier.kind: identifier.value for identifier in deciding}
    first, *others = named
    group, conflicts = [first], []
    for other in others:
        if all(_fit(persons[m], named[m], persons[other], named[other], values) for m in group):
            group.append(other)
        else:
            conflicts.append(other)
    group.sort(key=lambda id_: (persons[id_].opened_at, id_))
    return Match(tuple(group), tuple(conflicts))


def _precedence(identifier: Identifier) -> int:
    return _DECIDES.get(identifier.kind, _LAST)


def _fit(
    one: Person,
    ones: Sequence[Identifier],
    other: Person,
    others: Sequence[Identifier],
    values: Mapping[str, str],
) -> bool:
    """Whether neither has another value of what the other brings."""
    return _has_no_other(one, others, values) and _has_no_other(other, ones, values)


def _has_no_other(person: Person, brought: Sequence[Identifier], values: Mapping[str, str]) -> bool:
    return all(
        kind in WIDGETS or person.held.get(kind, frozenset()) <= {values[kind]}
        for kind, _value in brought
    )
