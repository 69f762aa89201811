"""Writes down what came of a try to fetch, and publishes it, by the journal (delivery rule 7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common import metrics
from libs.common.configuration.schema import Source
from libs.common.events import Activity, Event, derived_id
from libs.common.log import Record
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from services.capture import hydrate
from services.capture.fitting import fitting
from services.capture.hydrate import Fetching, Pace, Try
from services.capture.sources.contract import Arrival, Missing, Result
from services.capture.store import fetches

PAUSED: Final = "source.paused"
RESUMED: Final = "source.resumed"


class Settling:
    """The only writer of results; a result whose claim is lost changes nothing.

    Locks are taken in one order everywhere: the source, then its fetches.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._database = runtime.database
        self._inputs = Inputs("capture", runtime)

    async def settle(
        self, one: Fetching, token: str, result: Result, this: Try, source: Source
    ) -> None:
        """Apply a result, once. Raises Retry with nothing done while Postgres is away."""

        async def work(tx: AsyncConnection) -> Sequence[Event | Record]:
            pace = await fetches.lock_source(tx, source.kind, source.key)
            held = await fetches.lock_fetch(tx, one.submission_id, token)
            if pace is None or held is None:
                return ()
            step = hydrate.after(result, held, pace, this)
            events: list[Event | Record] = []
            if step.arrival is not None:
                gone = step.error if isinstance(result, Missing) else None
                how = (source, this.now, gone)
                events.append(await self._finished(tx, held, step.arrival, how))
            elif step.due_at is not None and step.fetching is not None:
                await fetches.put_off(tx, step.fetching, step.due_at, step.error or "")
            await fetches.save_source(tx, step.pace)
            if step.recovered:
                await fetches.bring_forward(tx, step.pace, this.now)
            return [*events, *changed(pace, step.pace, this.now)]

        await self._inputs.take(derived_id("fetch", one.submission_id, token), work)

    async def stand_still(
        self, kind: str, key: str, reason: str, credentials: str, now: datetime
    ) -> None:
        """Pause a source that cannot be asked at all, and say so once. Raises Retry."""
        async with self._database.transaction() as tx:
            seen = await fetches.lock_source(tx, kind, key, wait=False)
        if seen is None or seen.reason == reason:
            return

        async def work(tx: AsyncConnection) -> Sequence[Event | Record]:
            pace = await fetches.lock_source(tx, kind, key)
            if pace is None or pace.reason == reason:
                return ()
            after = hydrate.paused(pace, reason, credentials, now)
            await fetches.save_source(tx, after)
            return changed(pace, after, now)

        cause = derived_id("pause", kind, key, str(seen.failures), str(seen.changes), reason)
        await self._inputs.take(cause, work)

    async def expire(self, place: tuple[str, str, str], now: datetime) -> None:
        """Hold what its platform gives out no longer. Raises Retry."""
        submission_id, kind, key = place

        async def work(tx: AsyncConnection) -> Sequence[Event | Record]:
            await fetches.lock_source(tx, kind, key)
            held = await fetches.lock_fetch(tx, submission_id, None)
            if held is None:
                return ()
            arrival = hydrate.given_up(held, hydrate.EXPIRED)
            return [await self._finished(tx, held, arrival, (None, now, hydrate.EXPIRED))]

        await self._inputs.take(derived_id("expired", submission_id), work)

    @staticmethod
    async def _finished(
        tx: AsyncConnection,
        held: Fetching,
        arrival: Arrival,
        how: tuple[Source | None, datetime, str | None],
    ) -> Record:
        """Close it and give its second revision, as a record that the log takes."""
        source, now, error = how
        await fetches.finish(tx, held.submission_id, now, error)
        captured = hydrate.second_revision(held.captured, arrival, source)
        return fitting(
            Event(
                id=derived_id("captured", captured.submission_id, captured.digest),
                key=captured.submission_id,
                time=captured.received_at,
                data=captured,
                source=f"/sarnakh/capture/{captured.source_kind}/{captured.source}",
            )
        )


def changed(before: Pace, after: Pace, now: datetime) -> list[Event]:
    """The word that a source was paused or goes on, for whoever watches over sources."""
    if before.changes == after.changes:
        return []
    kind = PAUSED if after.reason else RESUMED
    metrics.SOURCES_PAUSED.labels(after.source).set(1 if after.reason else 0)
    log = structlog.get_logger("capture")
    if after.reason:
        log.error(PAUSED, source=after.source, reason=after.reason)
    else:
        log.warning(RESUMED, source=after.source, reason=before.reason)
    id_ = derived_id(kind, after.kind, after.source, str(after.changes))
    data = Activity(
        activity_id=id_,
        type=kind,
        at=now,
        data={
            "source": after.source,
            "source_kind": after.kind,
            "reason": after.reason or before.reason,
            "change": after.changes,
        },
    )
    return [Event(id_, after.source, now, data, source="/sarnakh/capture")]
