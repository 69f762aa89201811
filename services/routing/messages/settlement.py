"""How a message stands after an attempt, and when it counts as given up. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from services.routing.messages.notification import State

REACH_SECONDS: Final = 60.0
"""A route whose next try is further off than this is out of reach for now."""
LEAST_REACH_SECONDS: Final = 10.0
"""The same where the time to accept a lead is all but over."""


class Settlement(NamedTuple):
    """The state after an attempt."""

    state: State
    error: str | None = None
    wait: float | None = None
    """Seconds until the next try, of what is planned again."""
    stops_route: bool = False
    is_guess: bool = False
    """Whether nobody has asked for that wait: the route may be tried before."""
    may_be_read: bool = False
    """Whether nobody knows if the attempt has reached its reader."""


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
