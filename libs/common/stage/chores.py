"""What a stage does beside its slices: due timers, left-over answers, old journal days."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from libs.common.errors import Retry
from libs.common.log import LogUnavailable
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from libs.common.stage.retention import keep_journal

TIMERS_EVERY: Final = 0.5
LEFT_OVER_EVERY: Final = 5.0
JOURNAL_EVERY: Final = 3600.0
AGAIN_AFTER: Final = 5.0


Chore = Callable[[], Awaitable[object]]


async def keep_house(schema: str, runtime: Runtime) -> None:
    """Do the chores of a schema until cancelled; what fails is tried again at its next turn."""
    inputs = Inputs(schema, runtime)

    turns: list[tuple[float, Chore]] = [
        (TIMERS_EVERY, inputs.take_due_timers),
        (LEFT_OVER_EVERY, inputs.publish_left_over),
        (JOURNAL_EVERY, lambda: keep_journal(schema, runtime.database)),
    ]
    due = [0.0] * len(turns)
    while True:
        for index, (every, chore) in enumerate(turns):
            if time.monotonic() >= due[index]:
                done = await _attempt(schema, chore)
                due[index] = time.monotonic() + (every if done else AGAIN_AFTER)
        await asyncio.sleep(TIMERS_EVERY)


async def _attempt(schema: str, chore: Chore) -> bool:
    try:
        await chore()
    except (Retry, LogUnavailable):
        return False
    except Exception:
        structlog.get_logger().exception("a chore failed", stage=schema)
        return False
    return True
