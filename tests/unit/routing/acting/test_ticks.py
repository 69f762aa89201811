"""A lead's timers are looked at only when what they follow from has changed."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

import msgspec

from services.routing.acting.sla import ticks, timers, with_deadline
from services.routing.case import Case
from tests.unit.routing.samples import NOW, a_case, a_plan

PLAN = a_plan(sla={"accept_within": "10m", "hops": 1, "then": "manager"})
LATER = NOW + timedelta(minutes=3)


def _cases() -> list[Case]:
    """One lead as it may stand one after another."""
    fresh = with_deadline(None, a_case(PLAN), PLAN)
    assert fresh.lead.assignment
    moved = msgspec.structs.replace(fresh.lead.assignment, id="another", at=LATER)
    stood = [
        fresh.evolved(LATER),
        fresh.evolved(LATER, touch_count=2, stage="sql", person_id="joined"),
        fresh.evolved(LATER, accepted_at=LATER),
        fresh.evolved(LATER, accepted_at=LATER, snoozed_until=LATER),
        fresh.evolved(LATER, accepted_at=LATER, snoozed_until=LATER + timedelta(days=1)),
        fresh.evolved(LATER, assignment=moved),
        fresh.evolved(LATER, state="won", closed_at=LATER),
    ]
    return [fresh, *(with_deadline(fresh, case, PLAN) for case in stood)]


def test_leads_that_tick_alike_have_the_same_timers() -> None:
    alike = 0
    for one, other in combinations(_cases(), 2):
        if ticks(one) == ticks(other):
            alike += 1
            assert [t.id for t in timers(one)] == [t.id for t in timers(other)]
    assert alike == 3


def test_leads_with_other_timers_tick_otherwise() -> None:
    for one, other in combinations(_cases(), 2):
        if [t.id for t in timers(one)] != [t.id for t in timers(other)]:
            assert ticks(one) != ticks(other)
