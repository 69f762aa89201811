"""The chore of a service that drops what is older than the file says, some rows at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import asyncpg
import structlog

from libs.common.configuration.schema import Retention
from libs.common.configuration.values import duration
from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.runtime import Runtime

EVERY_SECONDS: Final = 600.0
AT_ONCE: Final = 500
"""Rows of one transaction: each may hold a body of a megabyte."""
PAUSE_SECONDS: Final = 0.2
"""Between two of them, so that the service's own work comes in between."""

Forget = Callable[[Transaction, Retention, datetime, int], Awaitable[int]]
"""Drops so many rows at most of one kind, by this moment; gives how many it looked at."""


def old_before(kept: str, now: datetime) -> datetime:
    """The moment before which something kept so long is old; raises ValueError of no duration."""
    try:
        return now - duration(kept)
    except OverflowError:  # a file that an older release took may ask for more than there are years
        return datetime.min.replace(tzinfo=now.tzinfo)


async def keep_forgetting(service: str, runtime: Runtime, kinds: Sequence[Forget]) -> None:
    """Drop what is too old of each kind, until the process is to stop.

    What fails is tried at the next time.
    """
    log = structlog.get_logger(service)
    while not runtime.stop.is_set():
        is_more = False
        try:
            is_more = await forget_some(runtime, kinds, datetime.now(UTC))
        except (Retry, asyncpg.PostgresError) as error:
            log.warning("old.not_forgotten", error=type(error).__name__)
        except Exception:  # the service goes on, and this is tried again
            log.exception("old.not_forgotten")
        with contextlib.suppress(TimeoutError):
            pause = PAUSE_SECONDS if is_more else EVERY_SECONDS
            await asyncio.wait_for(runtime.stop.wait(), pause)


async def forget_some(runtime: Runtime, kinds: Sequence[Forget], now: datetime) -> bool:
    """One transaction for each kind; whether there may be more of any. Raises Retry."""
    most = 0
    for forget in kinds:
        async with runtime.database.transaction() as tx:
            _version, content = await runtime.configurations.in_force(tx)
            most = max(most, await forget(tx, content.privacy.retention, now, AT_ONCE))
    return most == AT_ONCE
