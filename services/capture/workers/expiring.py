"""Tells in good time that a source's access token ends: a metric, the log, and an event.

Whoever runs capture can be many processes; each thing is told by one of them, once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from libs.common import metrics
from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.events import Activity, Event, derived_id
from libs.common.expiring import Expiry, day_of, expiries
from libs.common.log import Record
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from services.capture.store import paces, token_ends
from services.capture.workers.introspector import token_of
from services.capture.workers.settling import Clock

LOOK_SECONDS: Final = 30.0
EXPIRING: Final = "source.token_expiring"


class Expiring:
    """Looks at the last days of tokens: loud on its log once a day, an event once per level."""

    def __init__(self, runtime: Runtime, clock: Clock = paces.database_clock) -> None:
        self._runtime = runtime
        self._clock = clock
        self._inputs = Inputs("capture", runtime)
        self._log = structlog.get_logger("capture")
        self._measured: set[str] = set()
        self._told: set[str] = set()
        """What is known to have been told, so that nobody is asked again and again."""

    async def run(self) -> None:
        """Look twice a minute until the process is to stop."""
        while not self._runtime.stop.is_set():
            with contextlib.suppress(Retry):
                await self.look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._runtime.stop.wait(), LOOK_SECONDS)

    async def look(self) -> None:
        """Tell what is to be told now. Raises Retry while Postgres is away."""
        content = self._runtime.configurations.from_file().content
        if not self._measured and not any(one.access_token for one in content.sources):
            return
        async with self._runtime.database.transaction() as tx:
            now = await self._clock(tx)
            known = await token_ends.known(tx)
        ends = {(one.kind, one.key): known.get(token_of(one)) for one in content.sources}
        told = {place: day_of(content, at) for place, at in ends.items() if at}
        found = expiries(content, now, told)
        self._measure(found)
        day = day_of(content, now).isoformat()
        said = set()
        for each in found:
            if each.level != "calm":
                said |= {await self._say(each, day), await self._announce(each, now)}
        self._told = said

    def _measure(self, found: Sequence[Expiry]) -> None:
        for gone in self._measured - {each.source for each in found}:
            metrics.TOKEN_DAYS_LEFT.remove(gone)
        for each in found:
            metrics.TOKEN_DAYS_LEFT.labels(each.source).set(each.left)
        self._measured = {each.source for each in found}

    async def _say(self, each: Expiry, day: str) -> str:
        """A line in the log of one process, once a day."""
        cause = derived_id(EXPIRING, each.kind, each.source, each.day.isoformat(), "on", day)

        async def nothing(_tx: Transaction) -> Sequence[Event | Record]:
            return ()

        if cause not in self._told and await self._inputs.take(cause, nothing):
            say = self._log.warning if each.level == "warn" else self._log.error
            say(EXPIRING, source=each.source, days=each.left, expires=each.day.isoformat())
        return cause

    async def _announce(self, each: Expiry, now: datetime) -> str:
        """The word of it, once for each level that a token comes to."""
        id_ = derived_id(EXPIRING, each.kind, each.source, each.day.isoformat(), each.level)

        async def work(_tx: Transaction) -> Sequence[Event | Record]:
            data = {
                "source": each.source,
                "source_kind": each.kind,
                "expires": each.day.isoformat(),
                "days_left": each.left,
                "level": each.level,
                "told": each.is_told,
            }
            said = Activity(activity_id=id_, type=EXPIRING, at=now, data=data)
            return [Event(id_, each.source, now, said, source="/sarnakh/capture")]

        if id_ not in self._told:
            await self._inputs.take(id_, work)
        return id_
