"""What a request without a task waits for, and hears of without a turn of the loop between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


class Promise(asyncio.Future[_T]):
    """A future that tells a request in work (exchange.py) at once; a task hears as of any other.

    Under load a turn of the loop is all the time in which what came meanwhile is read, and those
    who wait for one moment, as a group that was synced, would each pay for a turn of their own.
    """

    tell: Callable[[object], None] | None = None
    """Must not raise: others wait for the same moment."""

    def settle(self, value: _T) -> None:
        """Set the result, unless it is settled."""
        if not self.done():
            self.set_result(value)
            self._told()

    def fail(self, error: Exception) -> None:
        """Set why there is none, unless it is settled."""
        if not self.done():
            self.set_exception(error)
            self._told()

    def _told(self) -> None:
        tell, self.tell = self.tell, None
        if tell is not None:
            tell(self)
