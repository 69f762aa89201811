"""Keeps conversations in order when an outage's end sends live records before older ones."""

from __future__ import annotations

from libs.common.log import Record


class Behind:
    """Conversations with a record that is only on the disk: theirs wait for their turn there.

    In memory, so it knows one worker's own spool; an orphan's records are in no such order.
    """

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._highest = 0

    def leave(self, record: Record, sequence: int) -> None:
        """A record leaves memory unsent, and will be read back."""
        if record.follows != record.key:
            self._last[record.follows] = sequence
            self._highest = max(self._highest, sequence)

    def has(self, record: Record, reached: int) -> bool:
        """Whether an older one of its conversation is still to be read back.

        `reached` is the sequence up to which the log has every record.
        """
        if self._last and reached >= self._highest:
            self._last.clear()
        return bool(self._last) and self._last.get(record.follows, 0) > reached
