"""One attempt at a claimed message: put together, sent, and what came of it written down."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Final

import structlog

from libs.common.configuration import Active
from libs.common.errors import Retry
from libs.common.links import desk_address
from libs.common.runtime import Runtime
from services.routing.channels.contract import TOO_LATE, Channel, Refused, Result, Unknown
from services.routing.messages.message import Message, Surroundings, compose, stands
from services.routing.sending.beginning import Beginnings
from services.routing.sending.clock import Clock
from services.routing.sending.settling import Settling
from services.routing.store.sending import Claimed

MARGIN_SECONDS: Final = 6.0
"""A claim that is older than its attempt may take, and this, is lost: its process has died."""
SETTLE_SECONDS: Final = 120.0
"""How long a result is held while Postgres is away."""
AGAIN_SECONDS: Final = 1.0


class Attempts:
    """The attempts of one process."""

    def __init__(self, runtime: Runtime, settling: Settling, clock: Clock) -> None:
        self._runtime = runtime
        self._settling = settling
        self._clock = clock
        self._beginnings = Beginnings(runtime.database)
        self._log = structlog.get_logger("notifier")
        self._around_now: Surroundings | None = None

    async def send(
        self, one: Claimed, channel: Channel | None, active: Active, began: float
    ) -> Result:
        """Put together as things are now, and sent; what a channel's bug came to is unknown."""
        if channel is None:
            return Refused("no_such_channel", for_good=True)
        if one.is_stopped:
            return Refused("stopped", for_good=True)
        message = self._compose(one, active)
        settings = active.content.channels.get(channel.name)
        if time.monotonic() > began + MARGIN_SECONDS:
            return TOO_LATE  # by now another may think the claim lost (rule 20)
        try:
            async with asyncio.timeout(channel.seconds):
                begin = partial(self._beginnings.note, message.id, one.claim)
                return await channel.send(message, one.notification.address, settings, begin)
        except TimeoutError:
            return Unknown("timeout")
        except Exception:  # a channel's bug must not leave a claim to lapse
            self._log.exception("a channel failed", channel=channel.name)
            return Unknown("bug")

    async def settle(
        self, one: Claimed, result: Result, channel: Channel | None, active: Active, began: float
    ) -> None:
        """Write the result down, for as long as somebody else would not think the claim lost."""
        message, takes_id = one.notification, bool(channel and channel.takes_id)
        shown = stands(message, one.lead, self._around(active)).key
        while time.monotonic() < began + SETTLE_SECONDS:
            try:
                await self._settling.settle(message, one.claim, result, shown, takes_id=takes_id)
            except Retry:
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return

    def _compose(self, one: Claimed, active: Active) -> Message:
        return compose(one.notification, one.lead, self._around(active), self._clock.now())

    def _around(self, active: Active) -> Surroundings:
        known, runtime = self._around_now, self._runtime
        if known is None or known.content is not active.content:
            known = Surroundings(desk_address(runtime.settings), runtime.token, active.content)
            self._around_now = known
        return known
