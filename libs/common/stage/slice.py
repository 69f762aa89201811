"""One slice: records of some partitions, applied and answered in one transaction."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

import msgspec

from libs.common import topics
from libs.common.database import Database
from libs.common.errors import Reject, Retry, TooSlow
from libs.common.events import Event, attributes, decode, derived_id, digest, encode
from libs.common.failpoints import fail_point
from libs.common.log import Log, Partition, Record, RecordTooLarge, Stored, check_sizes
from libs.common.stage.contract import Answer, KeepsReceipts, Stage, TakesRepeats
from libs.common.stage.deadletters import as_event, dead_letter, reason_in
from libs.common.stage.journal import Entry, Journal, day_of
from libs.common.stage.receipts import receipts_of
from libs.common.stage.tracing import child_of
from libs.common.stage.turns import in_turns
from libs.common.stage.within import Within

TRIES: Final = 3
"""How often an event may fail for an unknown reason before it is dead-lettered."""
PAUSE_SECONDS: Final = 0.02
"""Before the first of these tries; each later one waits twice as long."""

SLOW_TRIES: Final = 3
"""How often in a row slices may meet the time limit of a statement before one event is blamed."""


class Work(NamedTuple):
    """A stored record with the event in it, or the reason why there is none."""

    stored: Stored
    event: Event
    rejected: Reject | None = None


@dataclass
class Outcome:
    """What a slice came to: what is to be published, and for which journal rows."""

    records: list[Record] = field(default_factory=list)
    rows: list[tuple[str, date]] = field(default_factory=list)
    done: int = 0
    dead: int = 0
    repeated: int = 0
    dead_in_a_row: int = 0
    """Dead ones at the end of the slice with nothing good after them, known ones too: a pass
    that had to be broken off is counted when it is gone through again."""
    any_good: bool = False
    reasons: Counter[str] = field(default_factory=Counter)
    """Why those died that are counted as dead."""


async def read(records: Sequence[Stored]) -> list[Work]:
    """Decode the records; what is no event becomes a rejected one with an id of its place."""
    work = []
    async for stored in in_turns(records):
        dead_topic = stored.partition.topic.endswith(topics.DEAD_END)
        try:
            work.append(Work(stored, as_event(stored) if dead_topic else decode(stored)))
        except Reject as rejected:
            work.append(Work(stored, _nameless(stored), rejected))
    return work


def _nameless(stored: Stored) -> Event:
    """An event that stands for an unreadable record.

    The same bytes give the same one, so that a replay of its dead letter is known as that.
    """
    found = attributes(stored)
    rounds = found.get("round", "0")
    return Event(
        id=derived_id("unreadable", found.get("id", ""), stored.key, digest(stored.value)),
        key=stored.key,
        time=datetime(1970, 1, 1, tzinfo=UTC),
        data=None,  # type: ignore[arg-type]  # nothing reads it: it is never handed to a stage
        round=int(rounds) if rounds.isdecimal() and len(rounds) < 9 else 0,  # noqa: PLR2004 - an int4
    )


class Slices:
    """Applies slices of one stage."""

    def __init__(self, stage: Stage, database: Database, log: Log | None = None) -> None:
        """Answers are appended to `log` in their transaction, where that can be."""
        self._stage = stage
        self._database = database
        self._within = Within(log, database)
        self.journal = Journal(stage.name)
        self._slow = 0

    async def apply(
        self,
        work: Sequence[Work],
        ends: dict[Partition, int],
        published: Sequence[tuple[str, date]] = (),
    ) -> list[Outcome]:
        """Apply the work and move the partitions to `ends`; what is yet to be published, in order.

        A slice that fails is halved until the event at fault stands alone. `published` are
        rows acknowledged since the last slice, noted here for the price of no transaction.
        Raises Retry when a dependency is away, with all or the rest of the work undone.
        """
        try:
            outcomes = await self._halve(work, ends, published)
        except TooSlow:
            self._slow += 1
            raise
        self._slow = 0
        return outcomes

    async def _halve(
        self,
        work: Sequence[Work],
        ends: dict[Partition, int],
        published: Sequence[tuple[str, date]] = (),
    ) -> list[Outcome]:
        try:
            return [await self._apply_whole(work, ends, published)]
        except Exception as error:
            if self._is_away(error):
                raise
            if len(work) > 1:
                half = len(work) // 2
                first = await self._halve(work[:half], _ends_of(work[:half]))
                return first + await self._halve(work[half:], ends, published)
            return [await self._try_again(work[0], ends, published, error)]

    def _is_away(self, error: Exception) -> bool:
        """Whether it says nothing of the event: a limit that is met again and again does."""
        is_slow = isinstance(error, TooSlow) and self._slow >= SLOW_TRIES
        return isinstance(error, Retry) and not is_slow

    async def _try_again(
        self,
        item: Work,
        ends: dict[Partition, int],
        published: Sequence[tuple[str, date]],
        error: Exception,
    ) -> Outcome:
        """The event at fault, alone: a few tries more, then it is rejected.

        The count outlives a crash, so that an event which kills the process dies in the end.
        """
        while not isinstance(error, Reject):
            async with self._database.transaction() as tx:
                count = await self.journal.failed(tx, item.event.id)
            if count >= TRIES:
                name = "too_slow" if isinstance(error, TooSlow) else f"bug: {type(error).__name__}"
                error = Reject(name, _where(error))
                break
            await asyncio.sleep(PAUSE_SECONDS * 2**count)
            try:
                return await self._apply_whole([item], ends, published)
            except Exception as again:
                if self._is_away(again):
                    raise
                error = again
        return await self._apply_whole([item._replace(rejected=error)], ends, published)

    async def _apply_whole(
        self,
        work: Sequence[Work],
        ends: dict[Partition, int],
        published: Sequence[tuple[str, date]],
    ) -> Outcome:
        async with self._database.transaction(self.journal.locking(ends)) as tx:
            events = [item.event for item in work]
            known = await self.journal.begin(tx, events, ends, published)
            fresh = _fresh(work, known)
            if isinstance(self._stage, KeepsReceipts):
                await self._stage.receive(tx, receipts_of(item.stored for item in work))
            todo = [item for item in fresh if item.rejected is None]
            answers = await self._stage.handle(tx, [i.event for i in todo]) if todo else []
            if len(answers) != len(todo):
                raise RuntimeError("a stage must answer each event of its batch")
            entries = await self._entries(fresh, dict(zip(map(_id, todo), answers, strict=True)))
            outcome = _outcome(work, known, entries)
            kept = self._kept(entries.values())
            await self.journal.write(tx, kept, are_appended=bool(self._within))
            for item in fresh:
                if item.rejected:
                    await self.journal.forget_failures(tx, item.event.id)
            told = await self._within.append(tx, outcome.records)
            fail_point(f"{self._stage.name}.appended")
        if self._within:
            outcome.records = []
            outcome.rows = [row for row in outcome.rows if row[0] in known]  # others have none
            told()
        self._stage.committed()
        return outcome

    def _kept(self, entries: Iterable[Entry]) -> list[Entry]:
        """The rows that a repeat is to find."""
        if isinstance(self._stage, TakesRepeats):
            return [entry for entry in entries if entry.answers or entry.outcome == "dead"]
        return list(entries)

    async def _entries(self, fresh: Sequence[Work], answers: dict[str, Answer]) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        async for item in in_turns(fresh):
            event = item.event
            answer = answers.get(event.id) or Answer(rejected=item.rejected)
            if answer.rejected:
                now = datetime.now(UTC)
                letter = dead_letter(self._stage.name, item.stored, answer.rejected, now)
                is_own = item.stored.partition.topic == letter.topic  # would die again for ever
                letters = () if is_own else (letter,)
                entries[event.id] = Entry(event.id, day_of(event), "dead", event.round, letters)
            else:
                records = tuple(encode(_caused(a, event)) for a in answer.events)
                _check(records)
                entries[event.id] = Entry(event.id, day_of(event), "done", event.round, records)
        return entries


def _check(answers: Sequence[Record]) -> None:
    """Raise Reject for an answer that the log can never take, before anything is committed."""
    try:
        check_sizes(answers)
    except RecordTooLarge as error:
        raise Reject("answer_too_large") from error


def _id(item: Work) -> str:
    return item.event.id


def _fresh(work: Sequence[Work], known: dict[str, Entry]) -> list[Work]:
    """The work that is not in the journal, once each, of its latest round.

    A dead row counts as absent for a later round (rule 8).
    """
    chosen: dict[str, Work] = {}
    for item in work:
        entry = known.get(item.event.id)
        if entry and (entry.outcome == "done" or item.event.round <= entry.round):
            continue
        earlier = chosen.get(item.event.id)
        if earlier is None or item.event.round > earlier.event.round:
            chosen[item.event.id] = item
    return list(chosen.values())


def _caused(answer: Event, cause: Event) -> Event:
    return msgspec.structs.replace(
        answer,
        round=max(answer.round, cause.round),
        traceparent=answer.traceparent or child_of(cause.traceparent, answer.id),
    )


def _ends_of(work: Sequence[Work]) -> dict[Partition, int]:
    return {item.stored.partition: item.stored.offset + 1 for item in work}


def _outcome(work: Sequence[Work], known: dict[str, Entry], entries: dict[str, Entry]) -> Outcome:
    outcome = Outcome()
    seen: set[str] = set()
    for item in work:
        if item.event.id in seen:
            continue
        seen.add(item.event.id)
        entry = entries.get(item.event.id) or known[item.event.id]
        outcome.records.extend(entry.answers)
        if entry.answers:
            outcome.rows.append((entry.event_id, entry.day))
        is_dead, is_fresh = entry.outcome == "dead", item.event.id in entries
        outcome.repeated += not is_fresh
        outcome.dead += is_fresh and is_dead
        if is_fresh and is_dead:
            outcome.reasons[reason_in(entry.answers)] += 1
        outcome.done += is_fresh and not is_dead
        is_news = is_fresh and item.event.round == 0  # what was sent again may well die again
        outcome.dead_in_a_row = outcome.dead_in_a_row + is_news if is_dead else 0
        outcome.any_good = outcome.any_good or not is_dead
    return outcome


def _where(error: Exception) -> str:
    """File and line of a bug, never its message: that may quote what a visitor typed."""
    trace = error.__traceback__
    place = ""
    while trace:
        code = trace.tb_frame.f_code
        if "/services/" in code.co_filename or "/libs/" in code.co_filename:
            place = f"{code.co_filename.rsplit('/', 2)[-2]}/{code.co_filename.rsplit('/', 1)[-1]}"
            place = f"{place}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
