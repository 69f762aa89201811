"""Builds the desk: the stage that keeps the read model, and the server beside it."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Final

from libs.common.forgetting import keep_forgetting
from libs.common.runtime import Runtime
from libs.common.serving.http import serve
from libs.common.stage.calm import CalmLog, Pace
from libs.common.stage.loop import run_stage
from services.desk.forget import KINDS
from services.desk.imports.working import Working
from services.desk.sources.hearing import Silences
from services.desk.stage import DeskStage
from services.desk.web.app import build
from services.desk.web.watching import Watching

READ_EVERY: Final = 0.25
"""Seconds. A lead takes a tenth of that from the door to its message, so that most come as one
slice, and one row; a page looks twice a second at most."""
SLICE: Final = 1_000
"""Records at most of that quarter of a second."""


async def run(runtime: Runtime) -> None:
    """Run until `runtime.stop` is set; OSError (in a group) when the port is taken."""

    def ready(address: str) -> None:
        kept = runtime.settings.data_dir / "api-token"
        where = "SARNAKH_API_TOKEN" if runtime.settings.api_token else str(kept)
        runtime.say(f"desk     {address}   sign in with the token in {where}")

    settings, pace = runtime.settings, Pace(READ_EVERY, SLICE)
    watching, working = Watching(runtime.database, runtime.stop), Working(runtime)
    async with asyncio.TaskGroup() as together:
        calm = dataclasses.replace(runtime, log=CalmLog(runtime.log, pace))
        together.create_task(run_stage(DeskStage(runtime.configurations, watching.wake), calm))
        together.create_task(working.run())
        together.create_task(Silences(runtime).run())
        together.create_task(keep_forgetting("desk", runtime, KINDS))
        together.create_task(
            serve(
                build(runtime, watching, working, pace.hurry),
                settings.desk_host,
                settings.desk_port,
                runtime.stop,
                ready,
            )
        )
