"""A person's facts in order, each completed with what follows from it and from those before.

Derived fields are never stored: better words tomorrow read yesterday's messages too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from libs.common.normal.text import fold
from services.scoring.channel import channel
from services.scoring.fact import RESENT, Fact
from services.scoring.intent import asks

_NOT_COMING: Final = frozenset({RESENT, "import"})
"""Kinds of touches by which nobody came: a repeat, and a row of a list."""
_KNOWN: Final = ("name", "phone", "email", "handle", "company", "language")
_NAMED: Final = {
    "place": ("city", "province", "state", "country", "شهر", "استان", "محل"),
    "budget": ("budget", "بودجه"),
}
"""What forms ask in fields of their own: ours, and the names that it comes by."""


def story(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts by (time, id), with `touch.asks`, `attribution.channel`, `person.*` … filled in.

    `contact.place` and `contact.budget` are found among the form's other fields.
    `person.*` is what was known at that moment: touch_count, activity_count and the first value
    that was given of name, phone, email, handle, company and language. Any order of arrival
    gives the same story.
    """
    person: dict[str, Any] = {"touch_count": 0, "activity_count": 0}
    told = []
    for fact in sorted(facts, key=lambda fact: (fact.at, fact.id)):
        fields = dict(fact.fields)
        if fact.kind == "submission":
            _complete(fields)
            _learn(person, fields.get("contact", {}))
            person["touch_count"] += fields["touch"].get("kind") not in _NOT_COMING
        else:
            fields["activity"] = _activity(fields.get("activity", {}))
            person["activity_count"] += fact.kind != "staff"
        fields["person"] = dict(person)
        told.append(msgspec.structs.replace(fact, fields=fields))
    return tuple(told)


def _complete(fields: dict[str, Any]) -> None:
    attribution = fields.get("attribution", {})
    touch = fields.get("touch", {})
    asked = asks(touch, fields.get("contact", {}), attribution.get("page"))
    fields["contact"] = {**_named(fields.get("contact", {})), **fields.get("contact", {})}
    fields["touch"] = {**touch, "asks": asked}
    fields["attribution"] = {**attribution, "channel": channel(attribution)}


def _named(contact: dict[str, Any]) -> dict[str, Any]:
    extra = contact.get("extra")
    if not extra:
        return {}
    given = {fold(str(name)): value for name, value in extra.items() if value}
    found = {}
    for ours, names in _NAMED.items():
        for name in names:
            if name in given:
                found[ours] = given[name]
                break
    return found


def _learn(person: dict[str, Any], contact: dict[str, Any]) -> None:
    for name in _KNOWN:
        if contact.get(name) and name not in person:
            person[name] = contact[name]


def _activity(activity: dict[str, Any]) -> dict[str, Any]:
    kind = str(activity.get("type", "")).strip().lower()
    return {**activity, "type": kind.replace("-", "_").replace(" ", "_")}
