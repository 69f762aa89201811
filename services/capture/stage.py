"""Capture's own stage: notes what is to be fetched, as it came by id only or without a name.

And once more what was given up without content, when a colleague releases it; and never what
its sender has taken back. And which chats are to be answered by themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from libs.common import topics
from libs.common.database import Transaction
from libs.common.erasing import SUBMISSION_ERASED, erasure_in
from libs.common.errors import Reject
from libs.common.events import Activity, Event, LeadCaptured, derived_id
from libs.common.failpoints import fail_point
from libs.common.log import Stored
from libs.common.stage.contract import Answer, Receipt
from services.capture.door.door import submission_id_of
from services.capture.fetching.records import Part, withdrawal
from services.capture.reconciling.coming import by_call, came, listed
from services.capture.replies.reply import heard
from services.capture.sources import KINDS, SOURCES
from services.capture.store import arrivals, fetches, given_up, records, replies, taken_back
from services.capture.store.fetches import Noted
from services.capture.store.paces import database_clock
from services.capture.store.records import Taken, Whole
from services.capture.workers.settling import Clock

RELEASED: Final = "staff.released"
_MARKS: Final = (
    b'"hydrate":true', b'"withdrawn":true', b'"staff.released"', b'"platform_id":"', b'"reply":{',
    b'"submission.erased"', b'"person.erased"',
    *(
        b'"source_kind":"%b"' % k.kind.encode()
        for k in SOURCES
        if (k.listing and not k.fetch) or (k.fetch and k.fetch.record)
    ),
)  # fmt: skip
"""What the values of all records have that concern this stage, and few others: our own encoder
writes them so, and an escaped quotation mark keeps them out of what a visitor typed."""
_MARKED: Final = re.compile(b"|".join(re.escape(mark) for mark in _MARKS))
"""Looks for all of them at once, four times as fast as for one after the other."""
_READABLE_FOR_DAYS: Final = 90
"""Of a kind that another release knows and this one does not."""
_AT_LEAST: Final = timedelta(days=1)
"""Also what is old when it comes is asked for."""


class CaptureStage:
    """Reads what capture itself has published, so that the door needs no database."""

    name: Final = "capture"
    topics: Final = (topics.CAPTURED, topics.ACTIVITY)

    def __init__(
        self,
        noted: asyncio.Event,
        clock: Clock = database_clock,
        owed: asyncio.Event | None = None,
    ) -> None:
        self._noted = noted
        self._clock = clock
        self._owed = owed or asyncio.Event()

    def wants(self, stored: Stored) -> bool:
        """Hardly any: what came with its content is nobody's to fetch."""
        return _MARKED.search(stored.value) is not None

    async def receive(self, tx: Transaction, receipts: Sequence[Receipt]) -> None:
        """Note which way what platforms with a list sent has come, calls with their repeats."""
        await arrivals.note(tx, came(receipts))
        await arrivals.note_listed(tx, listed(receipts))

    async def handle(self, tx: Transaction, batch: Sequence[Event]) -> Sequence[Answer]:
        """Note them; a second revision is what came of that."""
        noted = [
            Noted(event.data, event.data.platform_id, _until(event.data), _record_of(event.data))
            for event in batch
            if isinstance(event.data, LeadCaptured)
            and event.data.platform_id
            and event.data.revision == 1
            and not event.data.held
        ]
        released, erased = _named(batch, RELEASED), _named(batch, SUBMISSION_ERASED)
        withdrawn = [
            event.data
            for event in batch
            if isinstance(event.data, LeadCaptured) and event.data.withdrawn
        ]
        messages = [
            said
            for event in batch
            if isinstance(event.data, LeadCaptured) and (said := heard(event.data))
        ]
        erased += _of_persons(batch)
        ending = [*erased, *(each.submission_id for each in withdrawn)]
        whole = [found for event in batch if (found := _whole(event.data))]
        further: list[Taken] = []
        if noted or released or ending or messages or whole:
            await taken_back.join(tx, taking_back=bool(ending))
            now = await self._clock(tx)
            await fetches.note(tx, noted, now)
            await records.note(tx, whole, now)
            further = await _take_back(tx, withdrawn, (noted, whole), now)
            await taken_back.close(tx, erased, now)
            if withdrawn:
                fail_point("capture.erasing")
            await given_up.ask_again(tx, released, now)
            gone = await taken_back.gone(tx, [each.submission_id for each in messages])
            await replies.note(tx, [m for m in messages if m.submission_id not in gone], now)
            await replies.withdraw(tx, ending)
        return [_answer(event, further) for event in batch]

    def committed(self) -> None:
        """Wake the fetcher and the replier."""
        self._noted.set()
        self._owed.set()


def _record_of(captured: LeadCaptured) -> str | None:
    """The id of what takes back the platform's record that the submission is of."""
    kind = KINDS.get(captured.source_kind)
    key = kind.fetch.record(captured) if kind and kind.fetch and kind.fetch.record else None
    return submission_id_of(captured.source_kind, captured.source, key) if key else None


def _whole(data: object) -> Whole | None:
    """What came with its content and is of a record of its platform's."""
    if not isinstance(data, LeadCaptured) or data.platform_id or data.held or data.withdrawn:
        return None
    record = _record_of(data) if data.revision == 1 else None
    part = Part(data.submission_id, data.source_kind, data.source)
    return Whole(part, record, data.occurred_at or data.received_at) if record else None


async def _take_back(
    tx: Transaction,
    withdrawn: Sequence[LeadCaptured],
    came: tuple[Sequence[Noted], Sequence[Whole]],
    now: datetime,
) -> list[Taken]:
    """What is withdrawn, and with a platform's record what is of it; the latter is returned."""
    parts = [Part(x.submission_id, x.source_kind, x.source, x.occurred_at) for x in withdrawn]
    await taken_back.withdraw(tx, parts, now)
    ids = [each.submission_id for each in parts]
    noted, whole = came
    also = [each.captured.submission_id for each in noted if each.record]
    also += [each.part.submission_id for each in whole]
    further = await records.taken_with(tx, ids, also)
    await taken_back.withdraw(tx, [each.part for each in further], now)
    return further


def _answer(event: Event, further: Sequence[Taken]) -> Answer:
    """What is taken back with its record: by the word of that, or as it comes after the word."""
    data = event.data
    if not isinstance(data, LeadCaptured):
        return Answer()
    gone = data.submission_id
    return Answer(
        tuple(
            word_of(each.part, data.received_at)
            for each in further
            if gone == (each.record if data.withdrawn else each.part.submission_id)
        )
    )


def word_of(part: Part, at: datetime) -> Event:
    """The word that a submission is taken back; the same however often it is said."""
    captured = withdrawal(part, KINDS[part.kind].submits, at)
    return Event(
        id=derived_id("captured", part.submission_id, captured.digest),
        key=part.submission_id,
        time=at,
        data=captured,
        source=by_call(captured),
    )


def _named(batch: Sequence[Event], of: str) -> list[str]:
    """The submissions that activities of this type speak of."""
    told = (event.data for event in batch if isinstance(event.data, Activity))
    return [each.submission_id for each in told if each.type == of and each.submission_id]


def _of_persons(batch: Sequence[Event]) -> list[str]:
    """The submissions of persons of whom nothing is left."""
    found: list[str] = []
    for event in batch:
        with contextlib.suppress(Reject):
            erasure = erasure_in(event.data)
            found += erasure.submissions if erasure else ()
    return found


def _until(captured: LeadCaptured) -> datetime:
    """Until when its platform gives it out, or until when it is worth asking."""
    kind = KINDS.get(captured.source_kind)
    days = kind.fetch.readable_for_days if kind and kind.fetch else _READABLE_FOR_DAYS
    happened = min(captured.occurred_at or captured.received_at, captured.received_at)
    return max(happened + timedelta(days=days), captured.received_at + _AT_LEAST)
