"""Writes down what came of a try to fetch, and publishes it, by the journal (delivery rule 7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from libs.common import metrics
from libs.common.configuration.schema import Source
from libs.common.database import Transaction
from libs.common.events import Activity, Event, derived_id, digest
from libs.common.held import CONTENTLESS, EXPIRED
from libs.common.log import Record
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from services.capture.door.door import in_order
from services.capture.fetching import hydrate
from services.capture.fetching.hydrate import Fetching, Step
from services.capture.fetching.pace import Pace, Try, stopped
from services.capture.publishing.fitting import fitting
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import TOGETHER, Missing, Result, Throttled
from services.capture.store import fetches, given_up, paces, records
from services.capture.store.fetches import Claim

Clock = Callable[[Transaction], Awaitable[datetime]]
"""Of the database: machines that share the work agree on no other."""

WAITS: Final = "source.waits"
WORTH_TELLING: Final = timedelta(seconds=30)
"""A shorter wait is over before anybody has read of it."""
PAUSED: Final = "source.paused"
RESUMED: Final = "source.resumed"


class Settling:
    """The only writer of results; a result whose claim is lost changes nothing.

    Locks are taken in one order everywhere: the source, then its fetches.
    """

    def __init__(self, runtime: Runtime, clock: Clock = paces.database_clock) -> None:
        self._database = runtime.database
        self._clock = clock
        self._inputs = Inputs("capture", runtime)

    async def settle(
        self, one: Fetching, by: Claim, result: Result, chance: float, source: Source
    ) -> None:
        """Apply a result, once. Raises Retry with nothing done while Postgres is away."""

        async def work(tx: Transaction) -> Sequence[Event | Record]:
            pace = await paces.lock_source(tx, source.kind, source.key)
            held = await fetches.lock_fetch(tx, one.submission_id, by.token)
            if pace is None or held is None:
                return ()
            now = await self._clock(tx)
            this = Try(by.now, now, by.credentials, chance)
            place = await paces.place_of(tx, pace, held.place, now)
            step = hydrate.after(result, held, pace, this, place)
            events: list[Event | Record] = []
            if step.arrival is not None:
                gone = step.error if isinstance(result, Missing) else None
                how = (source, this, gone)
                events.extend(await self._finished(tx, held, step.arrival, how))
            elif step.is_over:
                await fetches.finish(tx, held.submission_id, now, step.error)
            elif step.due_at is not None and step.fetching is not None:
                await fetches.put_off(tx, step.fetching, step.due_at, step.error or "")
            said = [*events, *await paced(tx, (pace, place), step, now)]
            throttled = isinstance(result, Throttled)
            return [*said, *waits(pace, step.pace, now, throttled=throttled)]

        await self._inputs.take(derived_id("fetch", one.submission_id, by.token), work)

    async def stand_still(self, kind: str, key: str, reason: str, credentials: str) -> None:
        """Pause a source that cannot be asked at all, and say so once. Raises Retry."""
        async with self._database.transaction() as tx:
            seen = await paces.lock_source(tx, kind, key, wait=False)
        if seen is None or seen.reason == reason:
            return

        async def work(tx: Transaction) -> Sequence[Event | Record]:
            pace = await paces.lock_source(tx, kind, key)
            if pace is None or pace.reason == reason:
                return ()
            now = await self._clock(tx)
            after = stopped(pace, reason, None, Try(now, now, credentials, 0.0))
            await paces.save(tx, after)
            return changed(pace, after, now)

        cause = derived_id("pause", kind, key, str(seen.failures), str(seen.changes), reason)
        await self._inputs.take(cause, work)

    async def expire(self, place: tuple[str, str, str]) -> None:
        """Hold what its platform gives out no longer. Raises Retry."""
        submission_id, kind, key = place

        async def work(tx: Transaction) -> Sequence[Event | Record]:
            await paces.lock_source(tx, kind, key)
            held = await fetches.lock_fetch(tx, submission_id, None)
            if held is None:
                return ()
            now = await self._clock(tx)
            if held.beside:
                await fetches.finish(tx, held.submission_id, now, EXPIRED)
                return ()
            arrival = hydrate.given_up(held, EXPIRED)
            this = Try(now, now, "", 0.0)
            return await self._finished(tx, held, arrival, (None, this, EXPIRED))

        await self._inputs.take(derived_id("expired", submission_id), work)

    @staticmethod
    async def _finished(
        tx: Transaction,
        held: Fetching,
        arrival: Arrival,
        how: tuple[Source | None, Try, str | None],
    ) -> list[Record]:
        """Close it and give its next revision, as a record that the log takes.

        What is given up may still be asked for; that it is held is told once.
        """
        source, this, error = how
        if arrival.held in CONTENTLESS:
            await given_up.give_up(tx, held.submission_id, this.now, error, this.credentials)
            if held.held:
                return []
        else:
            told = digest(arrival.content) if held.record and not arrival.held else None
            if held.record and told and await _is_told(tx, held.record, held.submission_id, told):
                arrival, told = hydrate.told_already(held, arrival), None
            await fetches.finish(tx, held.submission_id, this.now, error, told)
        if held.beside:
            captured = hydrate.with_name(held.captured, arrival)
        else:
            revision = 3 if held.held else 2
            captured = hydrate.later_revision(held.captured, arrival, source, revision)
        return [
            fitting(
                Event(
                    id=derived_id("captured", captured.submission_id, captured.digest),
                    key=captured.submission_id,
                    time=captured.received_at,
                    data=captured,
                    source=f"/sarnakh/capture/{captured.source_kind}/{captured.source}",
                    extensions=in_order(captured) if held.beside else (),
                )
            )
        ]


async def _is_told(tx: Transaction, record: str, submission_id: str, told: str) -> bool:
    return await records.is_told(tx, submission_id, record, told, TOGETHER)


async def paced(
    tx: Transaction, before: tuple[Pace, Pace | None], step: Step, now: datetime
) -> list[Event]:
    """Write how the source does, and its form or page, and what that means for what waits."""
    pace, place = before
    here = place.place if place else ""
    others = [each for each in await paces.list_places(tx, pace) if each.place != here]
    stands = bool(others)
    events: list[Event] = []
    for old, new, beside in (
        (place, step.place, (pace.reason or step.pace.reason) is not None or stands),
        (pace, step.pace, bool(step.place and step.place.reason) or stands),
    ):
        if old is None or new is None or old == new:
            continue
        await paces.save(tx, new)
        if new.denied and new.reason and not old.reason:
            await fetches.absolve(tx, new, now)
        if old.reason and not new.reason:
            await given_up.ask_all_again(tx, new, now)
        if new.reason or not beside:  # it goes on when nothing of it stands still any more
            events += changed(old, new, now)
    resumed = pace.reason is not None and step.pace.reason is None
    if resumed:
        standing = [step.place] if step.place and step.place.reason else others
        events += [but_for(pace, step.pace, each, now) for each in standing[:1]]
        await paces.open_places(tx, pace, now)
    if step.recovered:
        await fetches.bring_forward(tx, step.pace, here, now, resumed=resumed)
    return events


def changed(before: Pace, after: Pace, now: datetime) -> list[Event]:
    """The word that a source was paused or goes on, for whoever watches over sources."""
    if before.changes == after.changes:
        return []
    kind = PAUSED if after.reason else RESUMED
    metrics.SOURCES_PAUSED.labels(after.source).set(1 if after.reason else 0)
    log = structlog.get_logger("capture")
    if after.reason:
        log.error(PAUSED, source=after.source, place=after.place, reason=after.reason)
    else:
        log.warning(RESUMED, source=after.source, reason=before.reason)
    told = after._replace(reason=after.reason or before.reason)
    return [_word(kind, told, (after.changes,), now)]


def but_for(before: Pace, after: Pace, place: Pace, now: datetime) -> Event:
    """The word that a source goes on but for a form or page: that of the place, said again."""
    log = structlog.get_logger("capture")
    log.warning(RESUMED, source=after.source, reason=before.reason, but_for=place.place)
    return _word(PAUSED, place, (place.changes, after.changes), now, goes_on=True)


def _word(kind: str, pace: Pace, counted: tuple[int, ...], now: datetime, **more: object) -> Event:
    """A word about a source or a place of it; `counted` tells it from others of the same."""
    id_ = derived_id(kind, pace.kind, pace.source, pace.place, *map(str, counted))
    said = {
        "source": pace.source,
        "source_kind": pace.kind,
        "reason": pace.reason,
        "change": pace.changes,
        "lacks": pace.lacks,
        "place": pace.place or None,
        **more,
    }
    known = {name: value for name, value in said.items() if value is not None}
    data = Activity(activity_id=id_, type=kind, at=now, data=known)
    return Event(id_, pace.source, now, data, source="/sarnakh/capture")


def waits(before: Pace, after: Pace, now: datetime, *, throttled: bool) -> list[Event]:
    """The word until when a source is left in peace: throttled, or paused until its next probe."""
    is_longer = after.next_at - now >= WORTH_TELLING and after.next_at != before.next_at
    if not is_longer or not (throttled or after.reason):
        return []
    until = after.next_at.isoformat()
    id_ = derived_id(WAITS, after.kind, after.source, until)
    told = {"source": after.source, "source_kind": after.kind, "until": until}
    data = Activity(activity_id=id_, type=WAITS, at=now, data=told)
    return [Event(id_, after.source, now, data, source="/sarnakh/capture")]
