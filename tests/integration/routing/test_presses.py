"""A press of a button counts for the lead as it stands, as often as it is offered again."""

from __future__ import annotations

from typing import Final

import pytest

from libs.common.configuration import Configurations
from libs.common.events import Event
from services.routing.buttons import pressing
from services.routing.buttons.pressing import Chat, Place, Presser, Verdict
from services.routing.channels.keyboard import Press
from services.routing.messages.message import Surroundings, stands
from services.routing.store import postings
from tests.integration.routing.conftest import Routing, new_id

PLACE: Final = Place(7, Chat(777))
ALONE: Final = """
teams:
  - key: seo
    name: SEO
    specialists: [{key: sara, name: Sara, notify: [{channel: telegram, to: '777'}]}]
routing: {fallback: seo, sla: {accept_within: 10m, working_hours: false, hops: 1, then: manager}}
channels: {telegram: {token: "42:x"}}
"""
_GONE: Final = {
    "left": ALONE.replace("sara", "nima").replace("Sara", "Nima"),
    "another address": ALONE.replace("777", "778"),
    "another channel": ALONE.replace("channel: telegram, to: '777'", "channel: console"),
}


async def pressed(
    routing: Routing, notification: str, action: str, reason: str = ""
) -> tuple[Verdict, Event | None]:
    """What a press under the message leads to now."""
    async with routing.database.transaction() as tx:
        found = await postings.addressed(tx, notification)
        active = await Configurations(routing.file, routing.database).in_force(tx)
    assert found
    told, reference, lead = found
    around = Surroundings("http://x", "s", active.content)
    is_theirs = pressing.is_theirs(told, reference, PLACE, around)
    press = Press(action, notification, reason)
    verdict = pressing.judge(press, stands(told, lead, around), is_theirs=is_theirs)
    if verdict.activity is None:
        return verdict, None
    by = Presser("en", routing.now)
    return verdict, pressing.activity(press, verdict.activity, told, lead, by)


async def told_of(routing: Routing) -> str:
    rows = await routing.rows(
        "SELECT CAST(id AS text) FROM routing.notifications WHERE kind = 'assigned'"
    )
    return str(rows[0][0])


async def test_what_is_offered_again_is_done_again(routing: Routing) -> None:
    routing.configure(ALONE)
    await routing.lead(routing.scored(new_id()))
    notification = await told_of(routing)
    accepted = []
    for action, reason in (("accept", ""), ("reason", "busy")) * 2:
        _, event = await pressed(routing, notification, action, reason)
        _, twice = await pressed(routing, notification, action, reason)
        assert event
        assert twice
        assert event.id == twice.id, "a double press is one"
        accepted.append((await routing.lead(event)).accepted_at is not None)
        routing.later(hours=1)
    assert accepted == [True, False, True, False]


@pytest.mark.parametrize("change", sorted(_GONE))
async def test_a_button_is_nobodys_once_its_reader_is_not_told_there(
    routing: Routing, change: str
) -> None:
    routing.configure(ALONE)
    await routing.lead(routing.scored(new_id()))
    notification = await told_of(routing)
    verdict, _ = await pressed(routing, notification, "accept")
    assert verdict.activity == "staff.accepted"
    routing.configure(_GONE[change])
    verdict, event = await pressed(routing, notification, "accept")
    assert (verdict.is_alert, event) == (True, None)
