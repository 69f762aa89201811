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
from services.routing.messages.message import Surroundings, compose
from services.routing.store import postings
from services.routing.store.postings import LEASE_SECONDS, Posting

POLL_SECONDS: Final = 0.5
BETWEEN_SECONDS: Final = 0.05
"""Between two changes: providers take about thirty a second, and new messages come first."""
BUG_SECONDS: Final = 5.0
TRIES: Final = 10
LONGEST_WAIT: Final = 300.0
"""Seconds; a provider that asks for more is asked again then."""


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
        """Look and change until the process is to stop; no channel waits for another."""
        try:
            async with asyncio.TaskGroup() as group:
                for channel in self._channels:
                    group.create_task(self._serve(channel))
        finally:
            for one in self._all:
                await one.close()

    async def _serve(self, channel: Channel) -> None:
        while not self._runtime.stop.is_set():
            pause, is_busy = POLL_SECONDS, False
            try:
                is_busy = await self._work_off(channel)
            except Retry as away:
                self._log.warning("editor waits", channel=channel.name, dependency=away.dependency)
            except Exception:  # a bug here must not end what sends
                self._log.exception("the editor failed", channel=channel.name)
                pause = BUG_SECONDS
            if not is_busy:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._runtime.stop.wait(), pause)

    async def _work_off(self, channel: Channel) -> bool:
        """Change what is due on one channel, as many as a claim can see through to their end.

        Whether there may be more.
        """
        if time.monotonic() < self._resumes[channel.name]:
            return False
        most, began = at_once(channel.seconds), time.monotonic()
        async with self._runtime.database.transaction() as tx:
            active = await self._runtime.configurations.in_force(tx)
            due = await postings.claim(tx, channel.name, most)
        around = Surroundings(
            desk_address(self._runtime.settings), self._runtime.token, active.content
        )
        latest = began + LEASE_SECONDS - channel.seconds
        for posting in due:
            if self._runtime.stop.is_set() or time.monotonic() < self._resumes[channel.name]:
                return False  # what is left is due again when its claim is over
            if time.monotonic() > latest:
                return True  # the claim would be over before the answer is here
            await self._follow(posting, channel, around)
        return len(due) == most

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
        wait = wait_after(result, tries)
        if wait is not None and isinstance(result, Refused) and result.retry_after:
            self._resumes[channel] = time.monotonic() + wait
        return wait


def at_once(seconds: float) -> int:
    """How many changes of up to so many seconds each, one by one, end within a claim."""
    return max(1, int(LEASE_SECONDS / (seconds + BETWEEN_SECONDS)))


def wait_after(result: Result, tries: int) -> float | None:
    """Seconds until a change is tried again; None where that is of no use."""
    if tries >= TRIES or (isinstance(result, Refused) and result.for_good):
        return None
    named = result.retry_after if isinstance(result, Refused) else None
    return min(LONGEST_WAIT, max(named or 2.0**tries, 1.0))
