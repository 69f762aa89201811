"""Builds the routing service: the stage, and beside it the notifier."""

from __future__ import annotations

import asyncio

from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from libs.common.stage.loop import run_stage
from services.routing.channels import CHANNELS
from services.routing.notify import Notifier
from services.routing.settling import Settling
from services.routing.stage import RoutingStage, utc_now


async def run(runtime: Runtime) -> None:
    """Run both until the process is to stop; if one fails, the other is ended with it."""
    planned = asyncio.Event()
    stage = RoutingStage(runtime.configurations, planned)
    settling = Settling(Inputs("routing", runtime), runtime.configurations, utc_now)
    channels = [make(runtime, utc_now) for make in CHANNELS]
    notifier = Notifier(runtime, channels, settling, planned)
    async with asyncio.TaskGroup() as group:
        group.create_task(run_stage(stage, runtime))
        group.create_task(notifier.run())
