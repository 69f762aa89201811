"""What becomes of a message after an attempt, and of the submission that hangs on it. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from typing import Final

from services.routing.channels.contract import Gone, Refused, Result, Sent, Unknown
from services.routing.messages.notification import Outcome
from services.routing.messages.settlement import Pending, Settlement

DELAYS: Final = (0.5, 1, 3, 8, 20, 60, 300, 900, 1800, 3600, 3600, 3600)
"""Seconds before the second, third … try of what was refused: about four hours in all."""
LEAST_AGE: Final = sum(DELAYS)
"""Seconds; a message whose route was tried in between is not given up earlier for that."""
UNKNOWN_TRIES: Final = 6
"""How often a message of unknown outcome is sent, where the receiver sees repeats."""
LONGEST_WAIT: Final = 86_400.0
"""Seconds; a receiver that asks for more is asked again after a day."""
LONGEST_OF_OURS: Final = 40.0
"""Seconds that our own delay may add for a receiver that has said when to come again."""


def settle(
    result: Result,
    notification_id: str,
    attempts: int,
    *,
    takes_id: bool,
    age: float = LEAST_AGE,
) -> Settlement:
    """What follows from the result of attempt number `attempts` (delivery rule 20).

    `age` in seconds, since the message was first refused: it may have been planned long before.
    """
    if isinstance(result, Sent):
        return Settlement("sent")
    if isinstance(result, Gone):
        return Settlement("failed", "gone", stops_route=True)
    if isinstance(result, Refused):
        return _refused(result, _delay(notification_id, attempts), attempts, age)
    if isinstance(result, Unknown) and takes_id and attempts < UNKNOWN_TRIES:
        wait = _delay(notification_id, attempts)
        return Settlement("planned", result.error, wait, is_guess=True, may_be_read=True)
    return Settlement("unknown", result.error, may_be_read=True)


def _refused(result: Refused, own: float, attempts: int, age: float) -> Settlement:
    if result.for_good or (attempts > len(DELAYS) and age >= LEAST_AGE):
        return Settlement("failed", result.error)
    if result.retry_after is None:
        return Settlement("planned", result.error, own, is_guess=True)
    wait = max(min(result.retry_after, LONGEST_WAIT), min(own, LONGEST_OF_OURS))
    return Settlement("planned", result.error, wait)


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
