"""Answers chats by itself, beside the door: claim, commit, send, settle.

Each answer is claimed once, before it is sent. A claim whose outcome is not known, of a dead
process too, is not sent again. Nothing here delays or loses a lead.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from libs.common import metrics
from libs.common.configuration.schema import Configuration, Source
from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.events import Event, derived_id
from libs.common.failpoints import fail_point
from libs.common.log import Record
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from services.capture.replies import REPLIES, Replying, reply
from services.capture.replies.contract import Denied, Outcome, Sent
from services.capture.replies.reply import Owed, Step
from services.capture.replies.spoken import Spoken
from services.capture.store import claims, replies
from services.capture.store.claims import Claim
from services.capture.store.paces import database_clock
from services.capture.workers.posting import Poster
from services.capture.workers.settling import Clock
from services.capture.workers.turns import Turns, written

POLL_SECONDS: Final = 1.0
CLOSE_SECONDS: Final = 3.0
"""For what is under way when the process is to stop."""
PER_SOURCE: Final = 4
PER_SECOND: Final = 5.0
"""Answers of one source: far below what platforms allow."""
TIDY_SECONDS: Final = 30.0


class Replier:
    """The replier of one process; several share the work by claims."""

    def __init__(
        self,
        runtime: Runtime,
        owed: asyncio.Event,
        poster: Poster,
        spoken: Spoken,
        clock: Clock = database_clock,
    ) -> None:
        self._runtime = runtime
        self._poster = poster
        self._spoken = spoken
        self._clock = clock
        self._inputs = Inputs("capture", runtime)
        self._log = structlog.get_logger("capture")
        self._tidy_at = 0.0
        self._turns = Turns("replier", runtime.stop, owed)

    async def run(self) -> None:
        """Answer until the process is to stop; what is under way then is finished, in bounds."""
        try:
            await self._turns.run(self.turn, POLL_SECONDS, CLOSE_SECONDS)
        finally:
            await self._poster.close()

    async def turn(self) -> None:
        """Start what there is room for. Raises Retry while Postgres is away."""
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_SECONDS
            await self._tidy()
        await self._yield()
        async with self._runtime.database.transaction() as tx:
            waiting = await claims.due(tx, await self._clock(tx))
        if not waiting:
            return
        content = self._runtime.configurations.from_file().content
        sources = {(source.kind, source.key): source for source in content.sources}
        for place in waiting:
            source, replying = sources.get(place), REPLIES.get(place[0])
            if source and replying and source.auto_reply and source.access_token:
                await self._serve(source, replying, content)

    async def settled(self) -> None:
        """Return when nothing is under way."""
        await self._turns.settled()

    async def _yield(self) -> None:
        """Write down in which conversations a colleague speaks. Raises Retry."""
        spoken = self._spoken.take()
        if not spoken:
            return
        try:
            async with self._runtime.database.transaction() as tx:
                await replies.yield_to(tx, spoken, await self._clock(tx))
        except Retry:
            self._spoken.put_back(spoken)
            raise

    async def _serve(self, source: Source, replying: Replying, content: Configuration) -> None:
        free = PER_SOURCE - self._turns.under_way((source.kind, source.key))
        if free <= 0:
            return
        token = str(uuid.uuid4())
        async with self._runtime.database.transaction() as tx:
            now = await self._clock(tx)
            claimed = await claims.claim(tx, Claim(source.kind, source.key, token, now, free))
            pause = timedelta(seconds=len(claimed) / PER_SECOND)
            await claims.rest(tx, source.kind, source.key, now + pause)
        if claimed:
            fail_point("capture.reply.claimed")
        for one in claimed:
            text = reply.words_for(source, one.language, content, now)
            if reply.is_staff(source.kind, one.address, content):
                text = ""
            answering = self._answer(one, token, text, source, replying)
            self._turns.start((source.kind, source.key), answering)

    async def _answer(
        self, one: Owed, token: str, text: str, source: Source, replying: Replying
    ) -> None:
        """The one try of a claim, and its outcome."""
        if not text:
            await self._settle(one, token, source, Step("unwanted"))
            return
        outcome = await self._poster.post(replying, one.address, text, source)
        fail_point("capture.reply.sent")
        metrics.REPLIES.labels(source.kind, type(outcome).__name__.lower()).inc()
        if not isinstance(outcome, Sent):
            say = self._log.info if isinstance(outcome, Denied) else self._log.warning
            result = type(outcome).__name__.lower()
            say("reply.not_sent", source=source.key, result=result, reason=outcome.code)
        await self._settle(one, token, source, outcome)

    async def _settle(self, one: Owed, token: str, source: Source, found: Outcome | Step) -> None:
        """Write it down, for as long as somebody else would not think the claim lost."""
        chance = random.random()  # noqa: S311 - jitter

        async def work(tx: Transaction) -> Sequence[Event | Record]:
            now = await self._clock(tx)
            step = found if isinstance(found, Step) else reply.after(found, one.tries, now, chance)
            if step.wait:
                pause = timedelta(seconds=step.wait)
                await claims.rest(tx, source.kind, source.key, now + pause)
            answered = await claims.settle(tx, one, token, step)
            if answered is None or not isinstance(found, Sent):
                return ()
            return [reply.told(answered, source, now)]

        async def settle() -> None:
            await self._inputs.take(derived_id("reply", token, one.conversation), work)

        await written(settle)

    async def _tidy(self) -> None:
        async with self._runtime.database.transaction() as tx:
            late, lost = await claims.tidy(tx, await self._clock(tx))
        for result, count in (("late", late), ("lost", lost)):
            if count:
                self._log.warning("reply.not_sent", result=result, count=count)
