"""Looks at leads from outside: what is told of one comes by several topics, in either order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.e2e.receiver import Receiver, Told
from tests.e2e.system import System, eventually


def lead_that(
    system: System, lead_id: str, shows: Callable[[dict[str, Any]], object], seconds: float = 120
) -> dict[str, Any]:
    """The lead, whole, once it shows this."""

    def look() -> dict[str, Any] | None:
        found = system.lead(lead_id)
        return found if shows(found) else None

    return eventually(look, seconds, f"{lead_id}, as it is to be")


def assigned(system: System, lead_id: str) -> dict[str, Any]:
    """The lead, whole, once somebody has it."""
    return lead_that(system, lead_id, lambda lead: lead["assignment"])


def leads_of(system: System, count: int, **filters: str) -> list[dict[str, Any]]:
    """The leads that a filter finds, once they are so many."""

    def look() -> list[dict[str, Any]] | None:
        found = system.leads(**filters)
        return found if len(found) == count else None

    return eventually(look, 120, f"{count} leads of {filters}")


def told_once(receiver: Receiver, lead_id: str, seconds: float = 120) -> Told:
    """The one message about a lead."""
    told = eventually(lambda: receiver.of_lead(lead_id), seconds, "a notification")
    assert len(told) == 1, [one.body for one in told]
    return told[0]
