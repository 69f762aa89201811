"""A message under way when its assignment ends: it is neither sent again nor counted."""

from __future__ import annotations

import asyncio

from libs.common.events import Lead
from services.routing.channels.contract import Refused, Result, Sent
from services.routing.store import sending as store
from services.routing.store.sending import Claimed, Wanted
from tests.integration.routing.conftest import Sending, new_id

ALL = Wanted(
    (), is_any_other=True, most=9, most_per_address=9, rooms={}, lease=60, config_version=0
)


async def claimed(sending: Sending, lead: Lead) -> Claimed:
    """The message of the lead's assignment, under way."""
    assert lead.assignment
    async with sending.routing.database.transaction() as tx:
        found = await store.claim(tx, ALL, new_id())
    [one] = [c for c in found if c.notification.assignment_id == lead.assignment.id]
    return one


async def settle(sending: Sending, one: Claimed, result: Result) -> None:
    await sending.settling().settle(one.notification, one.claim, result, takes_id=True)


async def states(sending: Sending) -> dict[str, tuple[str, str | None]]:
    rows = await sending.routing.rows("SELECT recipient, state, error FROM routing.notifications")
    return {row.recipient: (row.state, row.error) for row in rows}


async def submission(sending: Sending) -> str:
    [(state,)] = await sending.routing.rows("SELECT state FROM routing.submissions")
    return str(state)


async def test_a_refused_message_of_an_assignment_that_is_over_is_not_planned_again(
    sending: Sending,
) -> None:
    lead = await sending.routing.lead(sending.routing.scored(new_id()))
    first = await claimed(sending, lead)
    second = await sending.routing.lead(sending.routing.act(lead, "staff.declined"))
    await settle(sending, first, Refused("http_503"))
    assert await states(sending) == {"sara": ("failed", "superseded"), "mina": ("planned", None)}
    assert [(d.state, d.error) for d in sending.published()] == [("failed", "superseded")]
    assert await submission(sending) == "assigned"
    await settle(sending, await claimed(sending, second), Sent())
    assert await submission(sending) == "notified"


async def test_a_message_sent_to_who_has_declined_since_ends_no_submission(
    sending: Sending,
) -> None:
    lead = await sending.routing.lead(sending.routing.scored(new_id()))
    first = await claimed(sending, lead)
    second = await sending.routing.lead(sending.routing.act(lead, "staff.declined"))
    await settle(sending, first, Sent())
    assert (await states(sending))["sara"] == ("sent", None)
    assert await submission(sending) == "assigned"
    refused = Refused("http_404", for_good=True)
    await settle(sending, await claimed(sending, second), refused)
    assert await submission(sending) == "undelivered"


async def test_declining_and_settling_at_once_leave_nothing_planned_for_who_declined(
    sending: Sending,
) -> None:
    for _ in range(10):
        lead = await sending.routing.lead(sending.routing.scored(new_id()))
        first = await claimed(sending, lead)
        await asyncio.gather(
            settle(sending, first, Refused("http_503")),
            sending.routing.feed(sending.routing.act(lead, "staff.declined")),
        )
    rows = await sending.routing.rows("""
        SELECT n.state FROM routing.notifications n JOIN routing.assignments a
            ON a.id = n.assignment_id WHERE a.ended_at IS NOT NULL
    """)
    assert rows == [("failed",)] * 10
