"""What becomes of a message after an attempt, and of the submission that hangs on it. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from typing import Final, NamedTuple

from services.routing.channels.contract import Gone, Refused, Result, Sent, Unknown
from services.routing.notification import Outcome, State

DELAYS: Final = (0.5, 1, 3, 8, 20, 60, 300, 900, 1800, 3600, 3600, 3600)
"""Seconds before the second, third … try of what was refused: about four hours in all."""
UNKNOWN_TRIES: Final = 6
"""How often a message of unknown outcome is sent, where the receiver sees repeats."""
REACH_SECONDS: Final = 60.0
"""A route whose next try is further off than this is out of reach for now."""
LEAST_REACH_SECONDS: Final = 10.0
"""The same where the time to accept a lead is all but over."""
LONGEST_WAIT: Final = 86_400.0
"""Seconds; a receiver that asks for more is asked again after a day."""


class Settlement(NamedTuple):
    """The state after an attempt."""

    state: State
    error: str | None = None
    wait: float | None = None
    """Seconds until the next try, of what is planned again."""
    stops_route: bool = False


def settle(result: Result, notification_id: str, attempts: int, *, takes_id: bool) -> Settlement:
    """What follows from the result of attempt number `attempts` (delivery rule 20)."""
    if isinstance(result, Sent):
        return Settlement("sent")
    if isinstance(result, Gone):
        return Settlement("failed", "gone", stops_route=True)
    if isinstance(result, Refused):
        if result.for_good or attempts > len(DELAYS):
            return Settlement("failed", result.error)
        wait = max(_delay(notification_id, attempts), min(result.retry_after or 0, LONGEST_WAIT))
        return Settlement("planned", result.error, wait)
    if isinstance(result, Unknown) and takes_id and attempts < UNKNOWN_TRIES:
        return Settlement("planned", result.error, _delay(notification_id, attempts))
    return Settlement("unknown", result.error)


def of_ended(settlement: Settlement, kind: str) -> Settlement:
    """The settlement of a message whose assignment is over: it is not tried again.

    The word to a specialist that their lead has joined another still is.
    """
    if settlement.state == "planned" and kind != "merged":
        return Settlement("failed", "superseded")
    return settlement


def _delay(notification_id: str, attempts: int) -> float:
    """The delay with up to a fifth on top, by the id, so that a crowd spreads out."""
    spread = zlib.crc32(notification_id.encode()) / 2**32
    return DELAYS[min(attempts, len(DELAYS)) - 1] * (1 + spread / 5)


class Pending(NamedTuple):
    """One of the messages that a submission's end hangs on."""

    state: State
    wait: float = 0.0
    """Seconds until its next try, of what is planned."""
    left: float | None = None
    """Seconds until the lead is to be accepted."""

    @property
    def is_given_up(self) -> bool:
        """Whether it reaches nobody, or not soon enough to wait for: others are told then.

        It is still tried when its time comes, as late as its receiver has asked for.
        """
        if self.state == "planned":
            half = REACH_SECONDS if self.left is None else self.left / 2
            return self.wait >= max(LEAST_REACH_SECONDS, min(half, REACH_SECONDS))
        return self.state in {"failed", "unknown"}


def outcome(messages: Collection[Pending], before: str) -> Outcome | None:
    """The end of a submission in state `before`, by the messages that it hangs on.

    One that was sent is enough; undelivered may still turn into notified; None: as it was, and
    of no messages at all.
    """
    if before in {"assigned", "waiting", "undelivered"} and any(
        message.state == "sent" for message in messages
    ):
        return "notified"
    given_up = bool(messages) and all(message.is_given_up for message in messages)
    return "undelivered" if given_up and before in {"assigned", "waiting"} else None
