"""The two verdicts a step may give, and nothing else: never (Reject) and not now (Retry).

Any other exception is a bug: it is counted, tried a few times more, then dead-lettered.
"""

from __future__ import annotations


class Reject(Exception):
    """Never: this one event goes to the dead letters with its original bytes and this reason.

    The reason is shown to staff and stored in headers, so it must not hold contact data.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Retry(Exception):
    """Not now: something we depend on is away. The slice is held and tried again, never dead."""

    def __init__(self, dependency: str, after: float | None = None) -> None:
        super().__init__(dependency)
        self.dependency = dependency
        self.after = after
        """Seconds to wait before the next try, when the dependency named them."""


class TooSlow(Retry):
    """A statement met its time limit: the database's load may be to blame, or what was asked.

    Held like any Retry; where it goes on, the loop looks for the one event at fault.
    """
