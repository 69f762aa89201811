"""What nobody looked after is on a list that needs neither the log nor a provider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from libs.common.database.statements import text
from libs.common.events import Deadline
from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import Journey


def due(at: datetime) -> Deadline:
    hour = timedelta(hours=1)
    return Deadline(at - hour, at - hour / 2, at - hour / 5, at)


async def late(desk: Desk) -> set[str]:
    return {lead["id"] for lead in (await desk.get("/api/leads", only="late"))["items"]}


async def test_invariant_14_whoever_is_past_the_sla_and_unaccepted_is_on_the_list_by_the_clock(
    desk: Desk,
) -> None:
    now = datetime.now(UTC)
    past, soon, taken, lost = (Journey(now - timedelta(minutes=n)) for n in range(4))
    over = due(now - timedelta(seconds=1))
    await desk.feed(
        past.routed(deadline=over),
        soon.routed(deadline=due(now + timedelta(hours=1))),
        taken.routed(accepted_at=now, deadline=None),
        lost.routed(state="lost", closed_at=now, deadline=over),
    )
    desk.tape.away = True  # the log is away, and nobody has been told anything
    assert await late(desk) == {past.lead_id}
    async with desk.database.transaction() as tx:
        await tx.execute(text("UPDATE desk.leads SET due_at = due_at - interval '2 hours'"))
    assert await late(desk) == {past.lead_id, soon.lead_id}


@pytest.mark.parametrize("state", ["failed", "unknown"])
async def test_invariant_14_whom_nobody_was_told_of_is_on_the_list_until_somebody_acts(
    desk: Desk, state: str
) -> None:
    untold, found = Journey(), Journey()
    for way in (untold, found):
        await desk.feed(*way.whole()[:4], way.settled(state, "undelivered"))
    desk.tape.away = True
    assert await listed(desk) == {untold.submission, found.submission}
    await desk.feed(found.routed(None, accepted_at=datetime.now(UTC)))
    assert await listed(desk) == {untold.submission}
    await desk.feed(untold.settled("sent", "notified", version=9))
    assert await listed(desk) == set()


async def listed(desk: Desk) -> set[str]:
    """The submissions that the health page says nobody knows of."""
    seen = (await desk.get("/api/health"))["undelivered"]
    assert seen["count"] == len(seen["newest"])
    return {row["submission_id"] for row in seen["newest"]}
