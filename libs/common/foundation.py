"""What must be there before a stage can work: the database, its schemas, the topics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from libs.common import topics
from libs.common.building import Building
from libs.common.database.chain import Chain
from libs.common.database.migrate import migrate
from libs.common.errors import Retry
from libs.common.events.values import Text
from libs.common.log import LogUnavailable
from libs.common.log.opening import Undrained, drain_check
from libs.common.refusal import Refusal
from libs.common.terminal import spoken

_LONGEST_WAIT: Final = 5.0
_STARTING: Final = Text("پایگاه داده بالا می‌آید …", "Starting the database …")
_PREPARING: Final = Text("جدول‌ها آماده می‌شوند …", "Preparing the tables …")
_WAITING: Final = {
    "the database": Text(
        "پایگاه داده در دسترس نیست؛ منتظرش می‌مانم …", "The database is away; waiting for it …"
    ),
    "the log": Text(
        "لاگ رویدادها در دسترس نیست؛ منتظرش می‌مانم …", "The log is away; waiting for it …"
    ),
}


class Foundation:
    """Lays it step by step; while a dependency is away it says so once and tries on.

    `laid` is set when all is there. `said` gets each step, for whoever watches the start.
    """

    def __init__(
        self, building: Building, chains: Sequence[Chain], said: Callable[[str], None]
    ) -> None:
        self.laid = asyncio.Event()
        self.missing: str | None = "starting"
        self._building = building
        self._chains = chains
        self._said = said

    async def lay(self) -> None:
        """Return when everything is there. Raises Refusal for what waiting cannot mend."""
        runtime = self._building.runtime
        embedded = self._building.embedded
        if embedded is not None:
            await self._until("the database", self._start)
        await self._until("the database", self._migrate)
        await self._until("the database", runtime.configurations.keep)
        await self._until("the database", self._check_the_other_log)
        await self._until("the log", lambda: runtime.log.create_topics(topics.ALL))
        self.missing = None
        self.laid.set()

    async def _start(self) -> None:
        if self._building.embedded is None:
            return
        self._said(spoken(_STARTING))
        try:
            await self._building.embedded.start()
        except Refusal as refusal:
            self._building.runtime.say(spoken(refusal.text))
            raise Retry("postgres") from refusal

    async def _migrate(self) -> None:
        self._said(spoken(_PREPARING))
        await migrate(self._building.runtime.database, self._chains, self._said)

    async def _check_the_other_log(self) -> None:
        runtime = self._building.runtime
        try:
            await drain_check(runtime.settings, runtime.database)
        except Undrained as undrained:
            raise Refusal(undrained.text.fa, undrained.text.en) from undrained

    async def _until(self, name: str, step: Callable[[], Awaitable[object]]) -> None:
        wait = 0.1
        while True:
            try:
                await step()
            except (Retry, LogUnavailable):
                if self.missing != f"{name} is away":
                    self.missing = f"{name} is away"
                    self._building.runtime.say(spoken(_WAITING[name]))
                await asyncio.sleep(wait)
                wait = min(_LONGEST_WAIT, wait * 2)
            else:
                return
