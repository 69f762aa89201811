"""What staff put in themselves, a call or a walk-in: a submission like any other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from libs.common.database import Transaction
from libs.common.events import Event
from libs.common.failpoints import fail_point
from libs.common.log import Record
from services.desk.acting import acting
from services.desk.acting.entry import Entry, Heard, as_event
from services.desk.acting.taking import KeyReused, Taking
from services.desk.store import entries, staff, submissions

SETTLED: Final = frozenset({"quarantined", "activity", "dead", "test", "discarded", "erased"})
"""States of a submission that no lead will come of by itself."""


class Entered(NamedTuple):
    """The submission, and how far it has come: None while the read model does not know it."""

    submission_id: str
    row: dict[str, Any] | None

    @property
    def lead_id(self) -> str | None:
        """The lead that it opened or joined, once there is one."""
        return str(self.row["lead_id"]) if self.row and self.row["lead_id"] else None


class Entering:
    """Staff's own way to add somebody."""

    def __init__(self, taking: Taking) -> None:
        self._taking = taking
        self._spool = entries.Spool()

    async def enter(self, entry: Entry, heard: Heard, deed: staff.Deed) -> Entered:
        """Journal it, publish it as captured, and wait for its lead. Raises KeyReused, Retry.

        Its number in the desk's spool is taken in the transaction that journals it, so the
        numbers have no gap and the books count it from that moment (delivery rule 26).
        """
        until = time.monotonic() + acting.PATIENCE
        submission_id = heard.submission_id
        places: list[entries.Place] = []

        async def work(tx: Transaction) -> Sequence[Event | Record]:
            await staff.note(tx, deed._replace(activity_id=submission_id))
            place = await self._spool.next_place(tx)
            places.append(place)
            fail_point("desk.entered")
            return [as_event(entry, heard, place, datetime.now(UTC))]

        try:
            await self._taking.take(submission_id, work, until)
        except BaseException:
            for place in places:
                self._spool.leave(place.spool)
            raise
        for place in places:
            self._spool.gave(place)
        async with self._taking.database.transaction() as tx:
            if await staff.digest_of(tx, submission_id) != deed.digest:
                raise KeyReused

        async def look(tx: Transaction) -> dict[str, Any] | None:
            row = await submissions.find(tx, submission_id)
            there = row and ((row["lead_id"] and row["lead"]) or row["state"] in SETTLED)
            return row if there else None

        return Entered(submission_id, await self._taking.seen(look, until))
