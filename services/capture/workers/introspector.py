"""Asks platforms when access tokens end, about once a day, and says what they answered.

Nothing hangs on an answer: a platform that is away or refuses changes nothing that is known.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from libs.common.configuration.schema import Source
from libs.common.database import Transaction
from libs.common.events import Activity, Event, derived_id
from libs.common.expiring import KNOWN, day_of
from libs.common.log import Record
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from services.capture.sources import KINDS
from services.capture.sources.fetch import Trouble
from services.capture.sources.introspection import Ends, Onward
from services.capture.store import paces, token_ends
from services.capture.store.token_ends import Token
from services.capture.workers.client import Client
from services.capture.workers.fetcher import digest_of
from services.capture.workers.settling import Clock
from services.capture.workers.turns import Turns, written

LOOK_SECONDS: Final = 30.0
EVERY: Final = timedelta(days=1)
AGAIN: Final = timedelta(hours=1)
"""After an answer that says nothing."""
LEASE: Final = timedelta(minutes=1)
"""A claim that is older and not settled counts as lost."""
FORGOTTEN: Final = timedelta(days=30)
"""After this a token that no source has any more is nobody's."""


class Introspector:
    """The one of a process; several share the tokens by claims."""

    def __init__(
        self, runtime: Runtime, client: Client, clock: Clock = paces.database_clock
    ) -> None:
        self._runtime = runtime
        self._client = client
        self._clock = clock
        self._inputs = Inputs("capture", runtime)
        self._log = structlog.get_logger("capture")
        self._turns = Turns("introspector", runtime.stop, asyncio.Event())

    async def run(self) -> None:
        """Ask until the process is to stop; what is under way then lapses."""
        try:
            await self._turns.run(self.turn, LOOK_SECONDS)
        finally:
            await self._client.close()

    async def turn(self) -> None:
        """Start what is due. Raises Retry while Postgres is away."""
        for source, onward in self._askable():
            place = (source.kind, source.key)
            if not self._turns.under_way(place) and await self._claim(token_of(source)):
                self._turns.start(place, self._ask(source, onward))

    async def settled(self) -> None:
        """Return when nothing is under way."""
        await self._turns.settled()

    def _askable(self) -> Sequence[tuple[Source, Onward]]:
        """Sources whose token's end nobody wrote down, and what to ask their platforms."""
        found = []
        for source in self._runtime.configurations.from_file().content.sources:
            asked = KINDS[source.kind].introspection if source.kind in KINDS else None
            if asked and source.access_token and source.token_expires is None:
                found.append((source, asked(source)))
        return [(source, onward) for source, onward in found if onward is not None]

    async def _claim(self, token: Token) -> bool:
        async with self._runtime.database.transaction() as tx:
            now = await self._clock(tx)
            is_ours = await token_ends.claim(tx, token, now, now + LEASE)
            if is_ours:
                await token_ends.forget(tx, now - FORGOTTEN)
            return is_ours

    async def _ask(self, source: Source, onward: Onward) -> None:
        found = await self._client.introspect(onward, source)
        if not isinstance(found, Ends):
            self._log.info("source.token_unknown", source=source.key, error=found.code)
        await written(partial(self._settle, source, found, str(uuid.uuid4())))

    async def _settle(self, source: Source, found: Ends | Trouble, asking: str) -> None:
        """Keep what was answered; others hear it, and of a new token also that nothing is known."""
        token = token_of(source)

        async def work(tx: Transaction) -> Sequence[Event | Record]:
            old = await token_ends.lock(tx, token)
            if old is None:
                return ()
            now, is_answer = await self._clock(tx), isinstance(found, Ends)
            ends_at = found.at if isinstance(found, Ends) else old.ends_at
            await token_ends.save(tx, token, ends_at, now + (EVERY if is_answer else AGAIN))
            return [] if old.is_told and not is_answer else [self._said(source, ends_at, now)]

        await self._inputs.take(derived_id(KNOWN, *token, asking), work)

    def _said(self, source: Source, ends_at: datetime | None, now: datetime) -> Event:
        content = self._runtime.configurations.from_file().content
        expires = day_of(content, ends_at).isoformat() if ends_at else None
        data = {"source": source.key, "source_kind": source.kind, "expires": expires}
        id_ = derived_id(KNOWN, source.kind, source.key, str(expires), now.isoformat())
        said = Activity(activity_id=id_, type=KNOWN, at=now, data=data)
        return Event(id_, source.key, now, said, source="/sarnakh/capture")


def token_of(source: Source) -> Token:
    """What tells its access token from others."""
    return Token(source.kind, source.key, digest_of(source))
