"""Runs what fetches leads and watches tokens, beside the door: nothing here ends the accepting."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from functools import partial
from typing import Final

import asyncpg
import structlog

from libs.common.runtime import Runtime
from libs.common.stage.calm import CalmLog
from libs.common.stage.loop import run_stage
from services.capture.expiring import Expiring
from services.capture.fetcher import Fetcher
from services.capture.fetching import Client
from services.capture.posting import Poster
from services.capture.reconciling import Reconciler, Take
from services.capture.replying import Replier
from services.capture.settling import Settling
from services.capture.spoken import Spoken
from services.capture.stage import CaptureStage

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 15.0

_log = structlog.get_logger("capture")


async def keep_hydrating(runtime: Runtime, take: Take, spoken: Spoken) -> None:
    """Run the stage, the fetcher and their like until the process is to stop, also after failures.

    Its health is told apart from the door's, which is ready without it.
    """
    pause = FIRST_PAUSE
    while not runtime.stop.is_set():
        own = dataclasses.replace(runtime, checks={})
        runtime.checks["capture hydrating"] = partial(_trouble, own)
        try:
            await _run(own, take, spoken)
            pause = FIRST_PAUSE
        except Exception as error:  # also before the tables are there
            runtime.checks["capture hydrating"] = lambda: "restarting"
            if not _is_not_migrated(error):
                _log.error("hydrating.failed", error=type(error).__name__)
                pause = min(LONGEST_PAUSE, pause * 2)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(runtime.stop.wait(), pause)


def _trouble(runtime: Runtime) -> str | None:
    """What is wrong with the stage, for the health page of the process."""
    return next((found for check in runtime.checks.values() if (found := check())), None)


async def _run(runtime: Runtime, take: Take, spoken: Spoken) -> None:
    noted, owed = asyncio.Event(), asyncio.Event()
    fetcher = Fetcher(runtime, Settling(runtime), noted, Client())
    async with asyncio.TaskGroup() as group:
        calm = dataclasses.replace(runtime, log=CalmLog(runtime.log))
        group.create_task(run_stage(CaptureStage(noted, owed=owed), calm))
        group.create_task(fetcher.run())
        group.create_task(Reconciler(runtime, take, Client()).run())
        group.create_task(Replier(runtime, owed, Poster(), spoken).run())
        group.create_task(Expiring(runtime).run())


def _is_not_migrated(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_is_not_migrated(each) for each in error.exceptions)
    return isinstance(error, asyncpg.SyntaxOrAccessError)
