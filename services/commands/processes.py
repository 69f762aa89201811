"""Runs services in this process: each restarted alone, and only capture's failure ends it."""

from __future__ import annotations

import asyncio
import gc
import random
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

import structlog

from libs.common.building import build
from libs.common.database.server import is_free
from libs.common.foundation import Foundation
from libs.common.refusal import Refusal
from libs.common.runtime import Runtime
from libs.common.serving.health import HealthApp
from libs.common.serving.http import serve
from libs.common.settings import Settings
from libs.common.waiting import any_of
from services.commands import signals
from services.commands.printing import progress, say
from services.migrations import CHAINS

CAPTURE: Final = "capture"
_HEAD_START: Final = 3.0
"""Seconds that capture leaves to the database and the log; then it accepts without them."""
_LONGEST_PAUSE: Final = 10.0
"""Seconds before a service that goes on failing is started again; its leads wait for that."""
_STEADY: Final = 60.0
"""Seconds of work after which a failure counts as the first again."""
_STOP_WITHIN: Final = 10.0
"""Seconds for the services to finish what they have in hand."""
_LOADED_AFTER: Final = 1.0
"""Seconds until every service's code is in memory."""
_COLLECT_AFTER: Final = 10_000
"""New objects between two looks at the youngest; most are gone by themselves."""
_FILES: Final = 65_536
"""More open files than our servers ever hold connections."""
_log = structlog.get_logger("process")

Run = Callable[[Runtime], Awaitable[None]]


async def run_services(settings: Settings, names: Sequence[str]) -> None:
    """Run these services until a signal asks for the end. Raises Refusal."""
    _ports_free(settings, names)
    _open_files()
    async with build(settings, say) as building:
        runtime = building.runtime
        signals.listen(runtime.stop, building.end_now)
        for warning in runtime.configurations.warnings:
            _log.warning("configuration", problem=warning.of("en"))
        if "desk" in names and not settings.api_token and sys.stdout.isatty():
            say(f"Token: {runtime.token}")  # never into a pipe: what goes there is kept
        with progress() as said:
            foundation = Foundation(building, CHAINS, said)
            runtime.checks["foundation"] = lambda: foundation.missing
            laying = asyncio.create_task(foundation.lay())
            await asyncio.wait({laying}, timeout=_HEAD_START)
        asyncio.get_running_loop().call_later(_LOADED_AFTER, _settle_memory)
        await _all(runtime, names, foundation, laying)
    signals.deafen()


async def _all(
    runtime: Runtime, names: Sequence[str], foundation: Foundation, laying: asyncio.Task[None]
) -> None:
    tasks = [laying, *(asyncio.create_task(_one(runtime, name, foundation)) for name in names)]
    if not {CAPTURE, "desk"} & set(names):
        tasks.append(asyncio.create_task(_health(runtime)))
    stopping = asyncio.create_task(runtime.stop.wait())
    try:
        while not runtime.stop.is_set():
            await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in [each for each in tasks if each.done()]:
                tasks.remove(task)
                task.result()
        laying.cancel()
        await asyncio.wait(tasks, timeout=_STOP_WITHIN)
    finally:
        runtime.stop.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _one(runtime: Runtime, name: str, foundation: Foundation) -> None:
    """Keep one service running. Capture does not wait for the foundation, and may fail."""
    if name != CAPTURE:
        await any_of(foundation.laid, runtime.stop)
    failures, running = 0, True
    runtime.checks[f"{name} process"] = lambda: None if running else "restarting"
    while not runtime.stop.is_set():
        began, running = time.monotonic(), True
        try:
            await _service(name)(runtime)
        except Exception as error:
            if name == CAPTURE:
                raise
            failures = 1 if time.monotonic() - began > _STEADY else failures + 1
            _log.exception("service failed", service=name, error=type(error).__name__)
            running = False
            pause = min(_LONGEST_PAUSE, 0.5 * 2 ** min(failures, 8)) * random.uniform(0.5, 1)  # noqa: S311 - jitter
            with suppress(TimeoutError):
                await asyncio.wait_for(runtime.stop.wait(), pause)


def _open_files() -> None:
    """Take as many open files as we are allowed: most systems give 1,024 until one asks."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # a system may name a limit that it does not give
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _settle_memory() -> None:
    """Keep what was loaded out of the collector's sight.

    Going through all of it took a tenth of a second and more, in which nobody is answered.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 50)


async def _health(runtime: Runtime) -> None:
    """The pages of a process that has no other."""
    host, port = runtime.settings.admin_host, runtime.settings.admin_port
    try:
        await serve(
            HealthApp(runtime),
            host,
            port,
            runtime.stop,
            lambda at: say(f"Health and metrics: {at}/readyz, {at}/metrics"),
        )
    except OSError as error:
        raise _taken("SARNAKH_ADMIN_PORT", port) from error


def _ports_free(settings: Settings, names: Sequence[str]) -> None:
    """Say which port is taken before anything is started."""
    if CAPTURE in names and not is_free(settings.capture_port, settings.capture_host):
        raise _taken("SARNAKH_CAPTURE_PORT", settings.capture_port)
    if "desk" in names and not is_free(settings.desk_port, settings.desk_host):
        raise _taken("SARNAKH_DESK_PORT", settings.desk_port)


def _taken(variable: str, port: int) -> Refusal:
    return Refusal(
        f"درگاه {port} گرفته شده است؛ درگاه دیگری در {variable} بگذارید.",
        f"Port {port} is taken or cannot be listened on; set {variable} to another.",
    )


def _service(name: str) -> Run:
    """The service's entry; imported here, so that a process loads only what it runs."""
    # ruff: disable[PLC0415]
    if name == CAPTURE:
        from services.capture.__main__ import run
    elif name == "enrichment":
        from services.enrichment.__main__ import run
    elif name == "scoring":
        from services.scoring.__main__ import run
    elif name == "routing":
        from services.routing.__main__ import run
    else:
        from services.desk.__main__ import run
    # ruff: enable[PLC0415]
    return run
