"""Builds the routing service: the stage, and beside it what speaks with specialists."""

from __future__ import annotations

import asyncio
from typing import Final

from libs.common.events import Text
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from libs.common.stage.loop import run_stage
from services.routing.buttons.replies import Replies
from services.routing.channels import CHANNELS
from services.routing.channels.telegram import API
from services.routing.sending.announcing import (
    SourceHeardAgain,
    SourceSilent,
    TokenEnds,
    TokenRefused,
)
from services.routing.sending.apart import ApartSender
from services.routing.sending.clock import Clock
from services.routing.sending.editing import Editor
from services.routing.sending.notify import Notifier
from services.routing.sending.settling import Settling
from services.routing.sending.summaries import Summaries
from services.routing.slices.draining import Draining
from services.routing.stage import RoutingStage, utc_now

_NO_ADDRESS: Final = Text(
    "پیام کارشناسان پیوندی دارد که فقط روی همین دستگاه باز می‌شود؛ SARNAKH_DESK_URL را بگذارید",
    "messages to specialists link to this machine only; set SARNAKH_DESK_URL",
)
_ELSEWHERE: Final = frozenset({"email", "telegram", "bale"})
"""Channels that are read on another device."""


def _warn(runtime: Runtime) -> None:
    content = runtime.configurations.from_file().content
    used = {r.channel for team in content.teams for s in team.specialists for r in s.notify}
    if used & _ELSEWHERE and not runtime.settings.desk_url:
        runtime.say(_NO_ADDRESS.of(content.organisation.languages[0]))


async def run(runtime: Runtime) -> None:
    """Run all until the process is to stop; if one fails, the others are ended with it."""
    _warn(runtime)
    planned = asyncio.Event()
    stage = RoutingStage(runtime.configurations, planned)
    settling = Settling(Inputs("routing", runtime), runtime.configurations, utc_now)
    clock = Clock(utc_now)
    channels = [make(runtime, clock.now) for make in CHANNELS]
    notifier = Notifier(runtime, channels, settling, planned, clock)
    kinds = (
        Summaries(runtime),
        TokenEnds(),
        TokenRefused(),
        SourceSilent(),
        SourceHeardAgain(runtime),
    )
    apart = ApartSender(runtime, [make(runtime, clock.now) for make in CHANNELS], kinds)
    editor = Editor(runtime, [make(runtime, utc_now) for make in CHANNELS])
    bots = [Replies(runtime, name, settling, utc_now) for name in API]
    draining = Draining(runtime, utc_now)
    async with asyncio.TaskGroup() as group:
        group.create_task(run_stage(stage, runtime))
        group.create_task(notifier.run())
        group.create_task(draining.run())
        group.create_task(apart.run())
        group.create_task(editor.run())
        for replies in bots:
            group.create_task(replies.run())
