"""What staff do to leads, to what is held and to dead letters, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple

from libs.common.database import Transaction
from libs.common.events import Event
from libs.common.log import Record
from services.desk.acting import actions
from services.desk.acting.taking import Conflict, KeyReused, Taking, Unknown, refuse_stale
from services.desk.reading.letter import is_step
from services.desk.reading.states import BEFORE, RANKS
from services.desk.store import erasing, finding, held, letters, staff, stories, submissions

PATIENCE: Final = 2.0
"""Seconds to wait for the read model before answering 202 (contract, section 5)."""

Row = dict[str, Any]


class Outcome(NamedTuple):
    """What came of an action."""

    lead_id: str
    change: Row | None
    """The change that it caused; None while it is on its way."""


class Erased(NamedTuple):
    """Who is erased, and whether the read model has it."""

    person_id: str
    is_done: bool


class Acting:
    """Staff's decisions on the way to the services that own the data."""

    def __init__(self, taking: Taking) -> None:
        self._taking = taking
        self._database = taking.database

    async def act(
        self,
        lead_id: str,
        action: actions.Action,
        key: str | None,
        deed: staff.Deed,
        *,
        assignment_id: str | None = None,
    ) -> Outcome:
        """Do `action` to the lead and wait for what came of it.

        With `assignment_id` only while the lead has that assignment ("": none), whoever decides.
        Raises Unknown, KeyReused, Conflict.
        """
        until = time.monotonic() + PATIENCE
        async with self._database.transaction() as tx:
            lead = await finding.one(tx, lead_id)
            if lead is None:
                raise Unknown
            identity = actions.activity_id(str(lead["id"]), key)
            if await staff.digest_of(tx, identity) is None:
                refuse_stale(lead["body"], assignment_id)
        target = actions.Target(str(lead["id"]), lead["body"]["person_id"], assignment_id or None)

        async def work(tx: Transaction) -> Sequence[Event | Record]:
            await staff.note(tx, deed._replace(activity_id=identity))
            now = datetime.now(UTC)
            return [actions.as_event(action, identity, target, deed.actor, now)]

        await self._taking.take(identity, work, until)
        async with self._database.transaction() as tx:
            if await staff.digest_of(tx, identity) != deed.digest:
                raise KeyReused

        async def look(tx: Transaction) -> Row | None:
            if action.action == "note":
                return await stories.told_by(tx, identity)
            return await stories.caused_by(tx, identity)

        return Outcome(target.lead_id, await self._taking.seen(look, until))

    async def has_come_of(self, lead_id: str, key: str) -> bool:
        """Whether the lead shows already what came of the action with this key."""
        async with self._database.transaction() as tx:
            return await stories.caused_by(tx, actions.activity_id(lead_id, key)) is not None

    async def decide(
        self, held_id: str, verb: Literal["released", "discarded"], deed: staff.Deed
    ) -> tuple[str, bool]:
        """Release or discard what is held; its submission's id, and whether it has moved."""
        until = time.monotonic() + PATIENCE
        now = datetime.now(UTC)
        async with self._database.transaction() as tx:
            row = await held.one(tx, held_id)
        if row is None:
            raise Unknown
        if row["state"] != "held" or (row["is_conflict"] and verb == "released"):
            raise _not_held(row)
        event = actions.decision(row, verb, now, deed.actor)

        async def work(tx: Transaction) -> Sequence[Event | Record]:
            found = await held.one(tx, held_id, lock=True)
            if found is None or found["state"] != "held" or found["round"] != row["round"]:
                raise _not_held(row)
            await held.settle(tx, held_id, verb)
            await staff.note(tx, deed._replace(activity_id=event.id))
            return [] if row["is_conflict"] else [event]

        await self._taking.take(event.id, work, until)
        if row["is_conflict"]:
            return str(row["submission_id"]), True

        async def look(tx: Transaction) -> Row | None:
            found = await submissions.find(tx, str(row["submission_id"]))
            return found if found and found["round"] >= event.round else None

        return str(row["submission_id"]), await self._taking.seen(look, until) is not None

    async def erase(self, person_id: str, reason: str, deed: staff.Deed) -> Erased:
        """Have a person erased, for good; and wait until nothing is shown of them any more."""
        until = time.monotonic() + PATIENCE
        async with self._database.transaction() as tx:
            found = await erasing.whose(tx, person_id)
        if found is None:
            raise Unknown
        person, is_erased = found
        if is_erased:
            return Erased(person, is_done=True)
        event = actions.erasure(person, reason, deed.actor, datetime.now(UTC))

        async def work(tx: Transaction) -> Sequence[Event | Record]:
            await staff.note(tx, deed._replace(activity_id=event.id))
            return [event]

        await self._taking.take(event.id, work, until)

        async def look(tx: Transaction) -> bool | None:
            known = await erasing.whose(tx, person)
            return True if known and known[1] else None

        return Erased(person, is_done=bool(await self._taking.seen(look, until)))

    async def replay(self, letter_id: str, deed: staff.Deed) -> Row:
        """Send a dead letter's record again, byte for byte, in its next round."""
        until = time.monotonic() + PATIENCE
        async with self._database.transaction() as tx:
            row = await letters.one(tx, letter_id)
        if row is None:
            raise Unknown
        if row["state"] != "dead":
            raise _replayed()
        cause = actions.replay_id(letter_id, row["round"])

        async def work(tx: Transaction) -> Sequence[Event | Record]:
            found = await letters.one(tx, letter_id, lock=True)
            if found is None or found["state"] != "dead" or found["round"] != row["round"]:
                raise _replayed()
            await letters.replayed(tx, letter_id)
            await staff.note(tx, deed._replace(activity_id=cause))
            stood_still = is_step(row["stage"], row["topic"], row["value"])
            if row["submission_id"] and row["stage"] in BEFORE and stood_still:
                before = BEFORE[row["stage"]]
                await submissions.step_back(
                    tx, str(row["submission_id"]), before, RANKS[before], row["round"] + 1
                )
            return [actions.again(row)]

        await self._taking.take(cause, work, until)
        return {**row, "state": "replayed"}


def _not_held(row: Row) -> Conflict:
    if row["is_conflict"]:
        return Conflict(
            "این محتوا با کلید ارسال دیگری رسیده و خودش ارسالی ندارد؛ فقط می‌شود کنارش گذاشت",
            "this content came under another submission's key; it can only be discarded",
        )
    return Conflict("دربارهٔ این مورد پیش‌تر تصمیم گرفته شده", "this has been decided already")


def _replayed() -> Conflict:
    return Conflict("این مورد پیش‌تر دوباره فرستاده شده", "this has been replayed already")
