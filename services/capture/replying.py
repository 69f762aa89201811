"""Answers chats by itself, beside the door: claim, commit, send, settle.

Each answer is claimed once, before it is sent. A claim whose outcome is not known, of a dead
process too, is not sent again. Nothing here delays or loses a lead.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Final

import structlog

from libs.common import metrics
from libs.common.configuration.schema import Configuration, Source
from libs.common.errors import Retry
from libs.common.failpoints import fail_point
from libs.common.runtime import Runtime
from services.capture import reply
from services.capture.posting import Poster
from services.capture.replies import REPLIES, Replying
from services.capture.replies.contract import Denied, Outcome, Sent
from services.capture.reply import Owed, Step
from services.capture.settling import Clock
from services.capture.spoken import Spoken
from services.capture.store import replies
from services.capture.store.paces import database_clock
from services.capture.store.replies import Claim

POLL_SECONDS: Final = 1.0
SETTLE_SECONDS: Final = 40.0
"""How long an outcome is held while Postgres is away."""
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
        self._owed = owed
        self._poster = poster
        self._spoken = spoken
        self._clock = clock
        self._log = structlog.get_logger("capture")
        self._tidy_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: Counter[tuple[str, str]] = Counter()

    async def run(self) -> None:
        """Answer until the process is to stop; what is under way then is finished, in bounds."""
        try:
            while not self._runtime.stop.is_set():
                try:
                    await self.turn()
                except Retry as away:
                    self._log.debug("replier waits", dependency=away.dependency)
                await self._wait()
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=CLOSE_SECONDS)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._poster.close()

    async def turn(self) -> None:
        """Start what there is room for. Raises Retry while Postgres is away."""
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_SECONDS
            await self._tidy()
        await self._yield()
        async with self._runtime.database.transaction() as tx:
            waiting = await replies.due(tx, await self._clock(tx))
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
        while self._tasks:
            await asyncio.gather(*self._tasks)

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
        free = PER_SOURCE - self._under_way[source.kind, source.key]
        if free <= 0:
            return
        token = str(uuid.uuid4())
        async with self._runtime.database.transaction() as tx:
            now = await self._clock(tx)
            claimed = await replies.claim(tx, Claim(source.kind, source.key, token, now, free))
            pause = timedelta(seconds=len(claimed) / PER_SECOND)
            await replies.rest(tx, source.kind, source.key, now + pause)
        if claimed:
            fail_point("capture.reply.claimed")
        for one in claimed:
            text = reply.words_for(source, one.language, content, now)
            if reply.is_staff(source.kind, one.address, content):
                text = ""
            self._start(source, self._answer(one, token, text, source, replying))

    def _start(self, source: Source, work: Coroutine[Any, Any, None]) -> None:
        place = (source.kind, source.key)
        self._under_way[place] += 1

        def done(ended: asyncio.Task[None]) -> None:
            self._tasks.discard(ended)
            self._under_way[place] -= 1
            self._owed.set()
            if not ended.cancelled() and (error := ended.exception()):
                self._log.error("an answer was not settled", error=type(error).__name__)

        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(done)

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
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            try:
                async with self._runtime.database.transaction() as tx:
                    now = await self._clock(tx)
                    step = (
                        found
                        if isinstance(found, Step)
                        else reply.after(found, one.tries, now, chance)
                    )
                    if step.wait:
                        pause = timedelta(seconds=step.wait)
                        await replies.rest(tx, source.kind, source.key, now + pause)
                    await replies.settle(tx, one, token, step)
            except Retry:
                await asyncio.sleep(POLL_SECONDS)
            else:
                return

    async def _tidy(self) -> None:
        async with self._runtime.database.transaction() as tx:
            late, lost = await replies.tidy(tx, await self._clock(tx))
        for result, count in (("late", late), ("lost", lost)):
            if count:
                self._log.warning("reply.not_sent", result=result, count=count)

    async def _wait(self) -> None:
        """Until something is owed or settled, or a second has gone, or the process is to stop."""
        waits = [
            asyncio.ensure_future(self._owed.wait()),
            asyncio.ensure_future(self._runtime.stop.wait()),
        ]
        await asyncio.wait(waits, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        self._owed.clear()
