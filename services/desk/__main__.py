"""Builds the desk: the stage that keeps the read model, and the server beside it."""

from __future__ import annotations

import asyncio
import dataclasses

from libs.common.http import serve
from libs.common.runtime import Runtime
from libs.common.stage.calm import CalmLog
from libs.common.stage.loop import run_stage
from services.desk.imports.working import Working
from services.desk.stage import DeskStage
from services.desk.watching import Watching
from services.desk.web.app import build


async def run(runtime: Runtime) -> None:
    """Run until `runtime.stop` is set; OSError (in a group) when the port is taken."""

    def ready(address: str) -> None:
        kept = runtime.settings.data_dir / "api-token"
        where = "SARNAKH_API_TOKEN" if runtime.settings.api_token else str(kept)
        runtime.say(f"desk     {address}   sign in with the token in {where}")

    settings, watching = runtime.settings, Watching(runtime.database, runtime.stop)
    working = Working(runtime)
    async with asyncio.TaskGroup() as together:
        calm = dataclasses.replace(runtime, log=CalmLog(runtime.log))
        together.create_task(run_stage(DeskStage(runtime.configurations, watching.wake), calm))
        together.create_task(working.run())
        together.create_task(
            serve(
                build(runtime, watching, working),
                settings.desk_host,
                settings.desk_port,
                runtime.stop,
                ready,
            )
        )
