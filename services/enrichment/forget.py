"""The chore that drops what nobody was ever known for, when it is as old as the file says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

import asyncpg
import structlog

from libs.common.configuration.values import duration
from libs.common.errors import Retry
from libs.common.runtime import Runtime
from services.enrichment.store.forgetting import forget

EVERY_SECONDS: Final = 600.0
AT_ONCE: Final = 2000
PAUSE_SECONDS: Final = 0.2
"""Between two batches, so that the stage's own work comes in between."""

_log = structlog.get_logger("enrichment")


async def keep_forgetting(runtime: Runtime) -> None:
    """Drop visits of nobody after `privacy.retention.activity`, until cancelled."""
    while True:
        looked = 0
        try:
            looked = await forget_some(runtime, datetime.now(UTC))
        except (Retry, asyncpg.PostgresError) as error:
            _log.warning("visits.not_forgotten", error=type(error).__name__)
        await asyncio.sleep(PAUSE_SECONDS if looked == AT_ONCE else EVERY_SECONDS)


async def forget_some(runtime: Runtime, now: datetime) -> int:
    """One batch; gives how many were looked at. Raises Retry."""
    async with runtime.database.transaction() as tx:
        _version, content = await runtime.configurations.in_force(tx)
        return await forget(tx, now - duration(content.privacy.retention.activity), AT_ONCE)
