"""Builds the routing service: the stage, and beside it what speaks with specialists."""

from __future__ import annotations

import asyncio

from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from libs.common.stage.loop import run_stage
from services.routing.channels import CHANNELS
from services.routing.channels.telegram import API
from services.routing.draining import Draining
from services.routing.editing import Editor
from services.routing.notify import Notifier
from services.routing.replies import Replies
from services.routing.settling import Settling
from services.routing.stage import RoutingStage, utc_now


async def run(runtime: Runtime) -> None:
    """Run all until the process is to stop; if one fails, the others are ended with it."""
    planned = asyncio.Event()
    stage = RoutingStage(runtime.configurations, planned)
    settling = Settling(Inputs("routing", runtime), runtime.configurations, utc_now)
    channels = [make(runtime, utc_now) for make in CHANNELS]
    notifier = Notifier(runtime, channels, settling, planned)
    editor = Editor(runtime, [make(runtime, utc_now) for make in CHANNELS])
    bots = [Replies(runtime, name, settling, utc_now) for name in API]
    draining = Draining(runtime, utc_now)
    async with asyncio.TaskGroup() as group:
        group.create_task(run_stage(stage, runtime))
        group.create_task(notifier.run())
        group.create_task(draining.run())
        group.create_task(editor.run())
        for replies in bots:
            group.create_task(replies.run())
