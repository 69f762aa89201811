"""Where capture is built: settings to spool, publisher, routes, server."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Final

import asyncpg
import structlog

from libs.common.errors import Retry
from libs.common.events import Text
from libs.common.runtime import Runtime
from libs.common.serving.http import serve
from libs.common.stage.inputs import Inputs
from services.capture import store
from services.capture.background import run_beside
from services.capture.door.door import Door
from services.capture.door.keys import Keys
from services.capture.door.misaddressed import Misaddressings
from services.capture.entrance.app import build
from services.capture.publishing.intake import Intake
from services.capture.sources import KINDS
from services.capture.store import Mark
from services.capture.workers.backfilling import taking
from services.capture.workers.replier import CLOSE_SECONDS

MARK_SECONDS: Final = 0.25
LAST_MARK_SECONDS: Final = 2.0
FINISH_SECONDS: Final = CLOSE_SECONDS + 1.0
"""After the word to stop, for what runs beside the door: its answers, and to let the log go."""
FORGET_SECONDS: Final = 600.0

_NO_ADDRESS: Final = Text(
    "امضای این منبع‌ها نشانی را هم می‌پوشاند: {keys}؛ پشت پروکسی SARNAKH_PUBLIC_URL را بگذارید، "
    "وگرنه پاسخشان ۴۰۱ است",
    "the signature of these sources covers the URL: {keys}; behind a proxy set SARNAKH_PUBLIC_URL, "
    "or they get 401",
)

_log = structlog.get_logger("capture")


async def run(runtime: Runtime) -> None:
    """Take leads until `runtime.stop` is set; needs neither the log nor Postgres to begin.

    Raises OSError when the port is taken or the spool cannot be written.
    """
    settings = runtime.settings
    intake = Intake(settings.data_dir / "spool", runtime.log)
    keys = Keys(runtime.database)
    misaddressings = Misaddressings(runtime.database, Inputs("capture", runtime))
    marks = _Marks(runtime, intake)
    door = Door(settings, runtime.configurations, intake, keys, misaddressings)
    app = build(door, {"capture": intake.trouble}, runtime.stop)
    runtime.checks["capture"] = intake.trouble
    chores = (
        marks.keep(),
        misaddressings.run(),
        _forget(keys, misaddressings),
    )
    beside = asyncio.create_task(run_beside(runtime, taking(door), door.spoken))
    finished = asyncio.create_task(_finished(beside, runtime.stop))
    tasks = [beside, finished, *(asyncio.create_task(chore) for chore in chores)]

    def ready(address: str) -> None:
        runtime.say(f"سرنخ‌ها اینجا دریافت می‌شوند · capture listens on {address}")
        _warn(runtime)

    try:
        await serve(app, settings.capture_host, settings.capture_port, runtime.stop, ready)
        if runtime.stop.is_set():
            await finished
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await intake.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_MARK_SECONDS):
                await marks.save()
                await misaddressings.save()


async def _finished(beside: asyncio.Task[None], stop: asyncio.Event) -> None:
    """Until it has ended, for a bounded time from the word to stop: the door ends meanwhile."""
    await stop.wait()
    await asyncio.wait({beside}, timeout=FINISH_SECONDS)


def _warn(runtime: Runtime) -> None:
    """Behind a proxy the URL that is asked of us is not the one that a platform has signed."""
    content = runtime.configurations.from_file().content
    covering = [s.key for s in content.sources if s.kind in KINDS and KINDS[s.kind].signs_url]
    if covering and not runtime.settings.public_url:
        keys = ", ".join(covering)
        runtime.say(_NO_ADDRESS.of(content.organisation.languages[0]).format(keys=keys))


class _Marks:
    """Tells the books how far each spool is, as well as that can be done."""

    def __init__(self, runtime: Runtime, intake: Intake) -> None:
        self._runtime = runtime
        self._intake = intake
        self._saved: list[Mark] = []

    async def keep(self) -> None:
        """Save what changed, a few times a second, until cancelled."""
        while True:
            await self.save()
            await asyncio.sleep(MARK_SECONDS)

    async def save(self) -> None:
        """Save what changed; nothing while Postgres is away or not migrated yet."""
        marks = self._intake.marks()
        changed = [mark for mark in marks if mark.high and mark not in self._saved]
        if not changed:
            return
        try:
            async with self._runtime.database.transaction() as tx:
                await store.save_marks(tx, changed, datetime.now(UTC))
        except (Retry, asyncpg.PostgresError) as error:
            _log.debug("marks.not_saved", error=type(error).__name__)
        else:
            self._saved = marks


async def _forget(keys: Keys, misaddressings: Misaddressings) -> None:
    while True:
        with contextlib.suppress(Retry, asyncpg.PostgresError):
            await keys.forget_old()
            await misaddressings.forget_old()
        await asyncio.sleep(FORGET_SECONDS)
