"""A contact as it was when it filled in a form: by now it may have filled in another one.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide (propertiesWithHistory)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from services.capture.sources.fetch import TOGETHER
from services.capture.sources.values import mapping, of_iso, of_milliseconds

_CONVERTED: Final = "recent_conversion_date"
"""When the contact last filled in a form; its history has all of them."""


def as_of(contact: dict[str, Any], at: datetime | None) -> dict[str, Any]:
    """The contact's properties before the next form after that moment; as they are without one."""
    said, history = (
        mapping(contact.get("properties")),
        mapping(contact.get("propertiesWithHistory")),
    )
    later = [form for form in _forms(history) if at and form > at + TOGETHER]
    if not at or not later:
        return said
    following = min(later)
    until = following - min(TOGETHER, (following - at) / 2)
    return {name: _last(history.get(name), until, value) for name, value in said.items()}


def _forms(history: dict[str, Any]) -> Iterator[datetime]:
    for value, _ in _versions(history.get(_CONVERTED)):
        moment = of_iso(value) or of_milliseconds(value)
        if moment is not None:
            yield moment


def _last(listed: Any, until: datetime, now: Any) -> Any:
    """What was said last before that moment; nothing where it was said only later.

    `now`: what is said now, which stands where there is no history.
    """
    versions = list(_versions(listed))
    before = [(moment, value) for value, moment in versions if moment < until]
    if not before:
        return None if versions else now
    return max(before, key=lambda one: one[0])[1]


def _versions(listed: Any) -> Iterator[tuple[Any, datetime]]:
    for each in listed if isinstance(listed, list) else ():
        moment = of_iso(mapping(each).get("timestamp"))
        if moment is not None:
            yield mapping(each).get("value"), moment
