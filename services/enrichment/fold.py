"""A person's profile, folded from touches so that any order gives the same (delivery rule 3).

A profile is a set of facts, each with the touch that stated it. Two profiles merge fact by
fact, the earlier or the later winning, which commutes, associates and repeats without effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from libs.common.calls import FIELD as CALL
from libs.common.events import Contact, Touch
from services.enrichment.steps.text import LARGEST_EXTRA, within

_EXTRA: Final = "extra."
_LATER_WINS: Final = frozenset({"message", "consent", f"{_EXTRA}{CALL}"})
MOST_EXTRAS: Final = 50
"""Other fields kept of a person, the earliest stated, beside how their last call ended; every
touch keeps all of its own."""


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A value, when it was stated, and by which submission.

    None can refer back to itself, so the garbage collector is spared them: a slice has thousands.
    """

    value: Any
    at: datetime
    by: str
    weak: bool = False
    """A name that a profile calls itself: any that was typed wins over it."""
    message: str = ""
    """In a conversation, by which message: several may be of one second and one submission. A
    build before does not say."""


class Profile(msgspec.Struct, frozen=True, gc=False):
    """What is known of a person, and their first and last touch."""

    facts: dict[str, Fact]
    first: Touch
    last: Touch


def profile_of(contact: Contact, touch: Touch) -> Profile:
    """What one touch tells of its person."""
    phone = [contact.phone, contact.phone_typed, contact.phone_type] if contact.phone else None
    email = [contact.email, contact.email_typed] if contact.email else None
    values = {
        "company": contact.company,
        "consent": contact.consent,
        "email": email,
        "email_typed": None if email else contact.email_typed,
        "handle": contact.handle,
        "language": contact.language,
        "message": contact.message,
        "name": contact.name,
        "phone": phone,
        "phone_typed": None if phone else contact.phone_typed,
    }
    if contact.extra:
        values |= {f"{_EXTRA}{name}": value for name, value in contact.extra.items()}
    at, by, message = touch.at, touch.submission_id, touch.message or ""
    facts = {
        name: Fact(value, at, by, name == "name" and contact.nickname, message)
        for name, value in values.items()
        if value is not None and value != ""
    }
    return Profile(_bounded(facts) if contact.extra else facts, touch, touch)


def merge(one: Profile, other: Profile) -> Profile:
    """Both profiles as one person's."""
    facts = dict(one.facts)
    for name, fact in other.facts.items():
        facts[name] = _winner(name, facts[name], fact) if name in facts else fact
    return Profile(
        _bounded(facts),
        min(one.first, other.first, key=_moment),
        max(one.last, other.last, key=_moment),
    )


def contact_of(profile: Profile) -> Contact:
    """The person as known now: blanks filled by the earliest touch, the last message.

    The other fields are bounded in bytes here and not in `merge`: a fact that gives way to an
    earlier, smaller one makes room, and what had been dropped before would depend on the order.
    """
    facts = {name: fact.value for name, fact in profile.facts.items()}
    known = facts.get
    phone = known("phone") or [None, known("phone_typed"), None]
    email = known("email") or [None, known("email_typed")]
    return Contact(
        name=known("name"),
        handle=known("handle"),
        company=known("company"),
        language=known("language"),
        message=known("message"),
        consent=known("consent"),
        phone=phone[0],
        phone_typed=phone[1],
        phone_type=phone[2],
        email=email[0],
        email_typed=email[1],
        extra=_within_an_event(profile.facts),
        nickname="name" in profile.facts and profile.facts["name"].weak,
    )


def _within_an_event(facts: Mapping[str, Fact]) -> dict[str, Any]:
    """The other fields that fit into what one touch may have of them, the earliest first."""
    others = {n[len(_EXTRA) :]: facts[n].value for n in _others(facts)}
    if not others:
        return others
    kept, _left_out = within(others, LARGEST_EXTRA)
    return kept


def _winner(name: str, one: Fact, other: Fact) -> Fact:
    ordered = sorted((one, other), key=lambda fact: (fact.weak, fact.at, fact.by, fact.message))
    return ordered[-1] if name in _LATER_WINS else ordered[0]


def _moment(touch: Touch) -> tuple[datetime, str, str]:
    return touch.at, touch.submission_id, touch.message or ""


def _bounded(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """In one order, with the earliest of the other fields: a crowd of them fills no event.

    A field whose latest value counts is none of the crowd: as the latest it would be dropped, and
    an earlier value of it would come back or not by the order of the touches.
    """
    crowd = [name for name in _others(facts) if name not in _LATER_WINS]
    kept = {name: facts[name] for name in sorted(facts.keys() - crowd if crowd else facts)}
    for name in crowd[:MOST_EXTRAS]:
        kept[name] = facts[name]
    return kept


def _others(facts: Mapping[str, Fact]) -> list[str]:
    """The names of the other fields, the earliest stated first."""
    names = [name for name in facts if name.startswith(_EXTRA)]
    if len(names) > 1:
        names.sort(key=lambda name: (facts[name].at, facts[name].by, name))
    return names
