"""Sets a specialist aside for a while, and brings them back: an activity, which routing applies."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from libs.common.database import Transaction
from libs.common.events import Activity, Event
from libs.common.log import Record
from services.desk.acting import acting
from services.desk.acting.taking import Taking
from services.desk.store import sources, staff


class Pausing:
    """Journalled and published like every decision of staff, then awaited in the read model."""

    def __init__(self, taking: Taking) -> None:
        self._taking = taking

    async def pause(self, specialist: str, until: datetime | None, actor: str) -> bool:
        """No new leads for them until then, or until they are resumed; whether it shows already.

        Raises Retry when it is not known to be kept: asking again does no harm.
        """
        data = {"until": until.astimezone(UTC).isoformat()} if until else {}
        return await self._say("staff.paused", specialist, data, actor)

    async def resume(self, specialist: str, actor: str) -> bool:
        """They get leads again; whether it shows already. Raises Retry as `pause` does."""
        return await self._say("staff.resumed", specialist, {}, actor)

    async def _say(self, kind: str, specialist: str, data: dict[str, Any], actor: str) -> bool:
        give_up = time.monotonic() + acting.PATIENCE
        identity, now = str(uuid.uuid4()), datetime.now(UTC)
        event = Event(
            id=identity,
            key=specialist,
            time=now,
            data=Activity(
                activity_id=identity,
                type=kind,
                at=now,
                actor=actor,
                data={"specialist": specialist, **data},
            ),
        )

        async def work(tx: Transaction) -> Sequence[Event | Record]:
            deed = staff.Deed(actor, kind, f"specialist:{specialist}", identity, kind)
            await staff.note(tx, deed)
            return [event]

        async def look(tx: Transaction) -> bool | None:
            found = await sources.pause_of(tx, "specialist", specialist)
            return True if found and found["at"] >= now else None

        await self._taking.take(identity, work, give_up)
        return await self._taking.seen(look, give_up) is True
