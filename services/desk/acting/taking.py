"""Takes what staff decide: journalled and published, then awaited in the read model."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.events import Event
from libs.common.log import Record
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from services.desk.store import staff

_LOOK_EVERY: Final = 0.03

Seen = TypeVar("Seen")
Work = Callable[[Transaction], Awaitable[Sequence[Event | Record]]]


class Unknown(Exception):
    """There is nothing under this id."""


class Conflict(Exception):
    """What is asked for does not fit what is there; says so in both languages."""

    def __init__(self, fa: str, en: str) -> None:
        super().__init__(en)
        self.fa = fa
        self.en = en


def refuse_stale(body: Mapping[str, Any], shown: str | None) -> None:
    """Raises Conflict where the lead has another assignment than the page has shown ("": none).

    None: the page has shown none, so nothing is known. Of an erased lead there is nothing to do.
    """
    if body.get("erased_at"):
        raise Conflict("این سرنخ پاک شده است", "this lead was erased")
    now = body.get("assignment") or {"id": ""}
    if shown is not None and shown != now["id"]:
        raise Conflict(
            "در این میان این سرنخ دست‌به‌دست شده است؛ دوباره نگاهش کنید",
            "this lead has changed hands meanwhile; look at it again",
        )


class KeyReused(Exception):
    """The Idempotency-Key came before with another body."""


class Taking:
    """The desk's way into the log."""

    def __init__(self, runtime: Runtime, hurry: Callable[[], None] = lambda: None) -> None:
        """`hurry` has the stage read more often for a moment: somebody waits for the answer."""
        self.database = runtime.database
        self._hurry = hurry
        self._inputs = Inputs("desk", runtime)
        self._publishing: set[asyncio.Task[bool]] = set()

    async def take(self, cause: str, work: Work, until: float) -> None:
        """Journal it, and publish for as long as we may wait; the rest goes on behind.

        `until` is a moment of the monotonic clock. Raises Retry when it is not known to be
        journalled: asking again does it once.
        """
        task = asyncio.create_task(self._inputs.take(cause, work))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)
        self._hurry()
        await asyncio.wait({task}, timeout=max(until - time.monotonic(), 0))
        if task.done():
            await task
            return
        async with self.database.transaction() as tx:
            if await staff.digest_of(tx, cause) is None:
                raise Retry("postgres")

    async def seen(
        self, look: Callable[[Transaction], Awaitable[Seen | None]], until: float
    ) -> Seen | None:
        """What `look` finds in the read model before `until`, else None."""
        while True:
            async with self.database.transaction() as tx:
                found = await look(tx)
            if found is not None or time.monotonic() > until:
                return found
            await asyncio.sleep(_LOOK_EVERY)
