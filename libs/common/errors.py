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
