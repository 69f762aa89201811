"""What the tests of the waiting queue share: hours, limits, and the truth behind the counts."""

from __future__ import annotations

from collections import Counter

from libs.common.events import Activity, Event, Lead, decode
from services.routing.choosing.wait import SEAT_FREE
from services.routing.slices.draining import Draining
from tests.doubles.memory_log import MemoryLog
from tests.doubles.runtime import runtime_of
from tests.integration.routing.conftest import Routing, new_id

WEEK = ", ".join(f'{day}: ["10:00-18:00"]' for day in ("sat", "sun", "mon", "tue", "wed"))
"""START is a Sunday, 12:30 in Tehran."""


def a_file(more: str = "", sara: str = "", ali: str = "", organisation: str = "") -> str:
    """A team of two and a fallback team; `more`: of routing."""
    return f"""
organisation: {{time_zone: Asia/Tehran{organisation}}}
teams:
  - key: seo
    name: {{fa: سئو, en: SEO}}
    manager: mina
    specialists: [{{key: sara, name: Sara{sara}}}, {{key: ali, name: Ali{ali}}}]
  - {{key: reception, name: reception, specialists: [{{key: mina, name: Mina}}]}}
routing:
  fallback: reception
  pages: [{{pattern: "nil.example/services/seo/*", team: seo}}]
{more}
"""


ONE_SEAT = a_file(sara=", capacity: {open: 1}", ali=", away: [{from: 2026-11-01, to: 2026-11-30}]")


def offered(events: list[Event]) -> list[Event]:
    """The offers of seats among these."""
    return [e for e in events if isinstance(e.data, Activity) and e.data.type == SEAT_FREE]


def owner(lead: Lead) -> str | None:
    return lead.assignment.specialist if lead.assignment else None


def pause(routing: Routing, kind: str, specialist: str, until: str | None = None) -> Event:
    """A pause or its end, as the desk sends it."""
    data = {"specialist": specialist} | ({"until": until} if until else {})
    activity = Activity(new_id(), f"staff.{kind}", routing.now, "staff", data=data)
    return Event(activity.activity_id, specialist, routing.now, activity)


async def counts_are_true(routing: Routing) -> None:
    """The kept counts equal what the leads and assignments say, and nobody is lost."""
    kept = await routing.rows("SELECT specialist, open FROM routing.loads WHERE open <> 0")
    rows = await routing.rows(
        "SELECT specialist FROM routing.leads WHERE state = 'open' AND specialist IS NOT NULL"
    )
    assert dict(kept) == Counter(row.specialist for row in rows)
    given = await routing.rows(
        "SELECT l.specialist, l.given, (SELECT count(*) FROM routing.assignments a"
        " WHERE a.specialist = l.specialist"
        "   AND (a.at AT TIME ZONE 'Asia/Tehran')::date = l.day) AS truth FROM routing.loads l"
    )
    assert [row for row in given if row.given != row.truth] == []
    lost = await routing.rows(
        "SELECT id FROM routing.leads l WHERE state = 'open' AND (specialist IS NULL) <>"
        " EXISTS (SELECT FROM routing.waiting w WHERE w.lead_id = l.id)"
    )
    assert lost == []


async def look(routing: Routing) -> list[Event]:
    """The offers that a look after the queue publishes."""
    log = MemoryLog()
    runtime = runtime_of(routing.database, routing.file, log)
    await Draining(runtime, lambda: routing.now).look()
    return offered([decode(record) for lane in log.lanes.values() for record in lane])
