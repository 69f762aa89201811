"""Writes down what became of messages; those that end at the same time share a transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from libs.common.configuration import Configurations
from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.events import Event, derived_id
from libs.common.stage.inputs import Inputs
from libs.common.together import Together
from services.routing.channels.contract import Refused, Result, Sent, Unknown
from services.routing.messages.notification import Notification
from services.routing.messages.settlement import Settlement
from services.routing.sending.ending import Endings, Settled
from services.routing.sending.settle import settle
from services.routing.store import sending

TOGETHER: Final = 200
GATHER_SECONDS: Final = 0.005
"""Messages of one slice are answered at almost one moment; whoever reads them has them already."""


class _Asked(NamedTuple):
    cause: str
    settled: Settled


class Settling:
    """Settles claims, each in a transaction with the event that tells of it."""

    def __init__(
        self, inputs: Inputs, configurations: Configurations, now: Callable[[], datetime]
    ) -> None:
        self._inputs = inputs
        self._endings = Endings(configurations, now)
        self._now = now
        self._together = Together(self._settle_all, most=TOGETHER, gather=GATHER_SECONDS)

    async def announce(self, claimed: Sequence[sending.Claimed]) -> None:
        """Publish that these are being sent; the sending itself does not wait for it."""
        events = [one.notification.event(self._now()) for one in claimed]

        async def work(_tx: Transaction) -> Sequence[Event]:
            return events

        await self._inputs.take(str(uuid.uuid4()), work)

    async def settle(
        self, message: Notification, token: str, result: Result, shown: str = "", *, takes_id: bool
    ) -> None:
        """Write the result of a claim; a claim that is no longer ours changes nothing.

        `shown` is the lead's standing that the message told of, for where it can be changed.
        """
        settlement = self._follows(message, result, takes_id=takes_id)
        reference = result.reference if isinstance(result, Sent) else None
        cause = derived_id("settled", token, message.id, type(result).__name__)
        await self._ask(_Asked(cause, Settled(message, token, settlement, reference, shown)))

    async def lapse(self, lapsed: sending.Lapsed, *, takes_id: bool) -> None:
        """The deadline of a claim has passed: whoever sent it is gone, and nobody knows.

        What was not begun was certainly not sent, where beginnings are noted.
        """
        message, token = lapsed.notification, lapsed.claim
        uncertain = lapsed.begun or takes_id
        result = Unknown("lost") if uncertain else Refused("lost")
        settlement = self._follows(message, result, takes_id=takes_id)
        cause = derived_id("lapsed", token, message.id)
        await self._ask(_Asked(cause, Settled(message, token, settlement)))

    def _follows(self, message: Notification, result: Result, *, takes_id: bool) -> Settlement:
        now = self._now()
        age = (now - (message.first_refused_at or now)).total_seconds()
        return settle(result, message.id, message.attempts, takes_id=takes_id, age=age)

    async def arrived(self, tx: Transaction, message: Notification, reference: str) -> list[Event]:
        """Its reader has pressed a button of it: so it was sent, whatever we thought."""
        token = await sending.claim_of(tx, message.id)
        # one that needs no settling any more is kept all the same, under no claim
        one = Settled(message, token or str(uuid.uuid4()), Settlement("sent"), reference)
        (events,) = await self._endings.write(tx, [one])
        return events

    async def _ask(self, asked: _Asked) -> None:
        failed = await self._together.ask(asked)
        if failed:
            raise failed

    async def _settle_all(self, group: Sequence[_Asked]) -> list[Exception | None]:
        """All in one transaction; where that fails each alone, so that none fails the others."""
        try:
            await self._take(group)
        except Retry:
            raise
        except Exception as error:
            if len(group) == 1:
                return [error]
            return [(await self._settle_all([one]))[0] for one in group]
        return [None] * len(group)

    async def _take(self, group: Sequence[_Asked]) -> None:
        first: dict[str, _Asked] = {}
        later = [one for one in group if first.setdefault(one.settled.message.id, one) is not one]
        asked = {one.cause: one.settled for one in first.values()}

        async def work(tx: Transaction, fresh: Sequence[str]) -> Mapping[str, list[Event]]:
            written = await self._endings.write(tx, [asked[cause] for cause in fresh])
            return dict(zip(fresh, written, strict=True))

        # a claim is settled once: whose token has gone, or whose message has, writes nothing
        await self._inputs.take_together(list(asked), work, knows_repeats=True)
        if later:  # of a message that had two results: the second sees what the first has made
            await self._take(later)
