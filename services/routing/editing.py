"""Keeps messages that can be changed in step with their leads: accepted here, shown everywhere.

Best effort and slow on purpose; rows are claimed like sends, so a restart loses none.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from libs.common.errors import Retry
from libs.common.failpoints import fail_point
from libs.common.links import desk_address
from libs.common.runtime import Runtime
from services.routing.channels.contract import Channel, Editable, Refused, Result, Sent, Unknown
from services.routing.message import Surroundings, compose
from services.routing.store import postings
from services.routing.store.postings import Posting

POLL_SECONDS: Final = 0.5
BETWEEN_SECONDS: Final = 0.05
"""Between two changes: providers take about thirty a second, and new messages come first."""
BUG_SECONDS: Final = 5.0
AT_ONCE: Final = 20
TRIES: Final = 10
LONGEST_WAIT: Final = 300.0


class Editor:
    """Changes messages whose lead has moved on; several processes share the work by claims.

    Its channels are its own: the sender closes those that it has when it ends.
    """

    def __init__(self, runtime: Runtime, channels: Sequence[Channel]) -> None:
        self._runtime = runtime
        self._all = channels
        self._channels = [channel for channel in channels if isinstance(channel, Editable)]
        self._resumes = {channel.name: 0.0 for channel in channels}
        self._log = structlog.get_logger("editor")

    async def run(self) -> None:
        """Look and change until the process is to stop."""
        try:
            await self._run()
        finally:
            for channel in self._all:
                await channel.close()

    async def _run(self) -> None:
        while not self._runtime.stop.is_set():
            pause = POLL_SECONDS
            try:
                busy = [await self._work_off(channel) for channel in self._channels]
            except Retry as away:
                self._log.warning("editor waits", dependency=away.dependency)
                busy = []
            except Exception:  # a bug here must not end what sends
                self._log.exception("the editor failed")
                busy, pause = [], BUG_SECONDS
            if not any(busy):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._runtime.stop.wait(), pause)

    async def _work_off(self, channel: Channel) -> bool:
        """Change what is due on one channel, up to AT_ONCE; whether there may be more."""
        if time.monotonic() < self._resumes[channel.name]:
            return False
        async with self._runtime.database.transaction() as tx:
            active = await self._runtime.configurations.in_force(tx)
            due = await postings.claim(tx, channel.name, AT_ONCE)
        around = Surroundings(
            desk_address(self._runtime.settings), self._runtime.token, active.content
        )
        for posting in due:
            if self._runtime.stop.is_set() or time.monotonic() < self._resumes[channel.name]:
                return False  # what is left is due again when its claim is over
            await self._follow(posting, channel, around)
        return len(due) == AT_ONCE

    async def _follow(self, posting: Posting, channel: Channel, around: Surroundings) -> None:
        """Bring one message to what its lead is now."""
        message = compose(posting.notification, posting.lead, around, datetime.now(UTC))
        wait: float | None = None
        shown = message.standing.key
        if shown != posting.shown and isinstance(channel, Editable):
            settings = around.content.channels.get(channel.name)
            try:
                async with asyncio.timeout(channel.seconds):
                    result: Result = await channel.edit(message, posting.reference, settings)
            except TimeoutError:
                result = Unknown("timeout")
            except Exception:  # a channel's bug must not end the service
                self._log.exception("a channel failed", channel=channel.name)
                result = Unknown("bug")
            fail_point("routing.edited")
            wait = self._wait_after(result, channel.name, posting.tries)
            shown = shown if wait is None else posting.shown
            await asyncio.sleep(BETWEEN_SECONDS)
        async with self._runtime.database.transaction() as tx:
            await postings.settle(tx, posting, shown, wait)

    def _wait_after(self, result: Result, channel: str, tries: int) -> float | None:
        """Seconds until the next try; None where there is none to come."""
        if isinstance(result, Sent):
            return None
        self._log.info("not changed", channel=channel, error=getattr(result, "error", "gone"))
        if tries >= TRIES or (isinstance(result, Refused) and result.for_good):
            return None
        if isinstance(result, Refused) and result.retry_after:
            self._resumes[channel] = time.monotonic() + result.retry_after
            return float(result.retry_after)
        return float(min(LONGEST_WAIT, 2.0**tries))
