"""Holds a deed back for a moment, so that a slip is undone before anybody hears of it.

It is a timer in the desk's own schema: it survives a restart, and goes out once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from libs.common.database import Database
from libs.common.events import Event
from libs.common.failpoints import fail_point
from libs.common.stage import timers
from services.desk.acting import actions
from services.desk.acting.taking import Conflict, KeyReused, Unknown, refuse_stale
from services.desk.store import finding, held, pending, staff

GRACE: Final = timedelta(seconds=10)
"""How long it can be undone (desk.md)."""

Row = dict[str, Any]


class Held(NamedTuple):
    """What is held back, with the moment at which it is done."""

    activity_id: str
    lead_id: str | None
    row: Row


class Holding:
    """Deeds that wait for their moment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hold(
        self,
        lead_id: str,
        action: actions.Action,
        key: str | None,
        deed: staff.Deed,
        shown: str | None = None,
    ) -> Held:
        """Do `action` to the lead in a moment, while it has the assignment that it has now.

        `shown`: the one on the page that asks for it ("": none). Raises Unknown, Conflict where
        it is another by now, KeyReused.
        """
        async with self._database.transaction() as tx:
            lead = await finding.one(tx, lead_id)
            if lead is None:
                raise Unknown
            identity = actions.activity_id(str(lead["id"]), key)
            if await staff.digest_of(tx, identity) is None:
                refuse_stale(lead["body"], shown)
            now = await timers.clock(tx)
        body = lead["body"]
        given = shown or (body.get("assignment") or {}).get("id")
        target = actions.Target(str(lead["id"]), body["person_id"], given)
        event = actions.as_event(action, identity, target, deed.actor, now)
        row = pending.Pending(
            identity, target.lead_id, deed.subject, action.action, deed.actor, now, now + GRACE
        )
        return await self._plan(row, event, deed)

    async def discard(self, held_id: str, deed: staff.Deed) -> Held:
        """Discard what is held for review, in a moment. Raises Unknown, Conflict."""
        async with self._database.transaction() as tx:
            found = await held.one(tx, held_id)
            now = await timers.clock(tx)
        if found is None:
            raise Unknown
        if found["state"] != "held" or found["is_conflict"]:
            raise Conflict("دربارهٔ این مورد پیش‌تر تصمیم گرفته شده", "this has been decided already")
        event = actions.decision(found, "discarded", now, deed.actor)
        row = pending.Pending(event.id, None, deed.subject, "discard", deed.actor, now, now + GRACE)
        return await self._plan(row, event, deed, again=True)

    async def _plan(
        self, row: pending.Pending, event: Event, deed: staff.Deed, *, again: bool = False
    ) -> Held:
        async with self._database.transaction() as tx:
            if row.lead_id:
                await pending.lock_lead(tx, row.lead_id)
            await staff.note(tx, deed._replace(activity_id=row.activity_id))
            if await staff.digest_of(tx, row.activity_id) != deed.digest:
                raise KeyReused
            leads = [row.lead_id] if row.lead_id else []
            waiting = await pending.of_leads(tx, leads, row.planned_at)
            if any(str(other["activity_id"]) != row.activity_id for other in waiting):
                raise _busy()
            if await pending.plan(tx, row, again=again):
                await timers.plan(tx, "desk", row.activity_id, row.due_at, event)
            found = await pending.one(tx, row.activity_id)
        fail_point("desk.held")
        return Held(row.activity_id, row.lead_id, found or row._asdict())

    async def undo(self, activity_id: str, deed: staff.Deed) -> Row:
        """Take it back. Raises Unknown, or Conflict once it is done; undoing twice is once."""
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            undone = await pending.undo(tx, activity_id, now)
            if undone:
                await timers.cancel(tx, "desk", activity_id)
                await staff.note(tx, deed)
            found = await pending.one(tx, activity_id)
        fail_point("desk.undone")
        if found is None:
            raise Unknown
        if not undone and found["undone_at"] is None:
            raise Conflict(
                "دیگر نمی‌شود برگرداند؛ انجام شده است",
                "it can no longer be undone; it has been done",
            )
        return found


def _busy() -> Conflict:
    return Conflict(
        "کار دیگری با این سرنخ در راه است؛ اول آن را برگردانید یا چند ثانیه صبر کنید",
        "something else is about to be done to this lead; undo it or wait a moment",
    )
