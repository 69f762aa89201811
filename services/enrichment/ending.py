"""The shell of what an erasure does to visits from before their person was known.

All are emptied with the person, however many; each one's end is told by itself, so many a slice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from libs.common.database import Transaction
from libs.common.events import Event
from libs.common.stage import timers
from services.enrichment import erase
from services.enrichment.identify import Identifier
from services.enrichment.store import ends
from services.enrichment.store import erasing as store
from services.enrichment.store.forgetting import let_go
from services.enrichment.visits import MOST_AT_ONCE

LOOK_AGAIN: Final = timedelta(days=1)
"""A release before this one, running beside it, reads the timer and tells nothing: later it will
have ended."""
_SCHEMA: Final = "enrichment"


async def take_away(
    tx: Transaction, keys: Collection[Identifier], persons: Sequence[str], now: datetime
) -> None:
    """Empty what waits under keys of these persons, which the caller holds."""
    ids = await ends.lock_waiting(tx, keys)
    if ids:
        under = await ends.keys_of(tx, ids)
        await store.empty(tx, ids, persons, now)
        await let_go(tx, under)
        await ends.owe(tx, ids, persons[0])


async def tell(tx: Transaction, cause: Event, persons: Sequence[str], now: datetime) -> list[Event]:
    """Ends that are owed; more of them are a timer's matter."""
    gone = await ends.settle(tx, persons, MOST_AT_ONCE)
    if len(gone) == MOST_AT_ONCE:
        dues = [now] if erase.is_due(cause) else [now, now + LOOK_AGAIN]
        planned = [erase.due(persons[0], cause.id, at) for at in dues]
        await timers.plan_all(tx, _SCHEMA, planned)
    return [erase.submission_erased(one, None, now) for one in gone]


async def tell_more(tx: Transaction, cause: Event, person_id: str, now: datetime) -> list[Event]:
    """What the timer asks for, of whoever the person is now."""
    persons = await store.family(tx, person_id)
    return await tell(tx, cause, persons, now) if persons else []
