"""Notes with single leads what came of the message that covers them, and ends their submissions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import structs

from libs.common.configuration.schema import Route
from libs.common.database import Transaction
from libs.common.events import Event
from services.routing.case import Case
from services.routing.choosing.wait import assigned_notice
from services.routing.messages.notification import Notification, Outcome, planned
from services.routing.sending.settle import outcome
from services.routing.store import settled, summaries
from services.routing.store.summaries import SummaryMessage

AT_A_TIME: Final = 200


async def note_some(tx: Transaction, events: list[Event], now: datetime) -> bool:
    """Note one message with some of its leads, adding what is to be published.

    Whether there may be more to note, of it or of another message.
    """
    message = await summaries.to_be_noted(tx)
    if message is None:
        return False
    cases = await summaries.leads_to_note(tx, message, AT_A_TIME)
    if cases:
        events.extend(await _note(tx, message, cases, now))
    if len(cases) < AT_A_TIME:
        await summaries.noted(tx, message)
    return True


async def _note(
    tx: Transaction, message: SummaryMessage, cases: Sequence[Case], now: datetime
) -> list[Event]:
    """One notification a lead, as if it had had a message of its own (rule 12: locked in order)."""
    states = await settled.lock_submissions(tx, [case.opening for case in cases])
    notes = {one.id: one for one in (_notification(message, case) for case in cases)}
    versions = await summaries.note(tx, list(notes.values()))
    pending = await settled.messages_of(tx, list(states))
    ends: dict[str, Outcome] = {}
    for submission, state in states.items():
        if end := outcome(pending[submission], state):
            ends[submission] = end
    if ends:
        await settled.end_submissions(tx, ends)
    return [
        structs.replace(one, version=versions[one.id]).event(now, ends.get(one.submission_id or ""))
        for one in notes.values()
    ]


def _notification(message: SummaryMessage, case: Case) -> Notification:
    route = Route(channel=message.channel, to=message.address or None)
    one = planned(case, assigned_notice(case), route, message.planned_at)
    return structs.replace(
        one,
        recipient=message.recipient,
        state=message.state,
        attempts=message.attempts,
        error=message.error,
    )
