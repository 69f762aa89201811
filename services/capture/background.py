"""Runs what fetches, compares, answers and watches beside the door: nothing ends the accepting."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from functools import partial
from typing import Final

import asyncpg
import structlog

from libs.common.runtime import Runtime
from libs.common.stage.calm import CalmLog
from libs.common.stage.loop import run_stage
from services.capture.replies.spoken import Spoken
from services.capture.stage import CaptureStage
from services.capture.workers.client import Client
from services.capture.workers.expiring import Expiring
from services.capture.workers.fetcher import Fetcher
from services.capture.workers.introspector import Introspector
from services.capture.workers.posting import Poster
from services.capture.workers.reconciler import Reconciler, Take
from services.capture.workers.replier import Replier
from services.capture.workers.settling import Settling

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 15.0
STEADY: Final = 60.0
"""Seconds of work after which a failure counts as the first again, as for whole services."""

_log = structlog.get_logger("capture")


async def run_beside(runtime: Runtime, take: Take, spoken: Spoken) -> None:
    """Run the stage, the fetcher and their like until the process is to stop, also after failures.

    Its health is told apart from the door's, which is ready without it.
    """
    pause = FIRST_PAUSE
    while not runtime.stop.is_set():
        own = dataclasses.replace(runtime, checks={})
        runtime.checks["capture hydrating"] = partial(_trouble, own)
        began = time.monotonic()
        try:
            await _run(own, take, spoken)
        except Exception as error:  # also before the tables are there
            runtime.checks["capture hydrating"] = lambda: "restarting"
            if not _is_not_migrated(error):
                _log.error("hydrating.failed", error=type(error).__name__)
                pause = longer(pause, time.monotonic() - began)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(runtime.stop.wait(), pause)


def longer(pause: float, worked: float) -> float:
    """Seconds to wait after a failure: twice those before, or anew after `worked` quiet seconds."""
    return min(LONGEST_PAUSE, 2 * (FIRST_PAUSE if worked > STEADY else pause))


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
        group.create_task(Introspector(runtime, Client()).run())
        group.create_task(Expiring(runtime).run())


def _is_not_migrated(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_is_not_migrated(each) for each in error.exceptions)
    return isinstance(error, asyncpg.SyntaxOrAccessError)
