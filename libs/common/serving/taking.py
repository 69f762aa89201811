"""An answer has to be taken: who reads nothing of it is let go of."""

from __future__ import annotations

from asyncio.events import TimerHandle
from typing import Any, Final

from typing_extensions import override

from libs.common.serving.turns import TurnsProtocol

BODY_SECONDS: Final = 30.0
"""For a body to come, and for a reader who takes nothing of an answer."""


class TakingProtocol(TurnsProtocol):
    """Ends a connection whose other end has stopped to read."""

    body_seconds = BODY_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._writing: TimerHandle | None = None

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._written()
        super().connection_lost(exc)

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._written()
        self._writing = self.loop.call_later(self.body_seconds, self.transport.abort)

    @override
    def resume_writing(self) -> None:
        self._written()
        super().resume_writing()

    def _written(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
