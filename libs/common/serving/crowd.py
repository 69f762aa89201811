"""A server's connections: how many there may be at a time, and who goes first."""

from __future__ import annotations

from typing_extensions import override

from libs.common.serving.protocol import IN_WORK, DeadlineProtocol


class Crowd(set[DeadlineProtocol]):
    """A server's connections, `most` at a time.

    One too many, and a tenth is let go of: those silent longest first, then those between two
    requests, then those slow with a body. Whose request is in work stays; where all are, the
    newcomer is told to come again.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    @override
    def add(self, newcomer: DeadlineProtocol) -> None:
        super().add(newcomer)
        if len(self) > self._most:
            self._make_room(newcomer)

    def _make_room(self, newcomer: DeadlineProtocol) -> None:
        others = [(connection.merit, connection) for connection in self if connection != newcomer]
        idle = sorted((each for each in others if each[0][0] != IN_WORK), key=lambda each: each[0])
        for _, connection in idle[: self._most // 10 + 1]:
            self.discard(connection)
            connection.cut_off()
        if len(self) > self._most:
            self.discard(newcomer)
