"""Builds what every service is handed, and takes it down again, each step in bounded time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from libs.common.configuration import Configurations
from libs.common.database import Database
from libs.common.database.embedded import EmbeddedPostgres
from libs.common.log.opening import open_log
from libs.common.refusal import Refusal
from libs.common.runtime import Runtime
from libs.common.settings import Settings
from libs.common.token import api_token

_POOL: Final = 24
"""Connections of one process at most, of the 200 that the embedded Postgres takes."""
_CLOSE_WITHIN: Final = 5.0
_EXAMPLE: Final = Path(__file__).resolve().parents[2] / "sarnakh.example.yaml"


@dataclass(frozen=True)
class Building:
    """A runtime, and the embedded Postgres that it stands on, if one."""

    runtime: Runtime
    embedded: EmbeddedPostgres | None

    def end_now(self) -> None:
        """Leave nothing of ours running behind a process that ends without its loop."""
        if self.embedded is not None:
            self.embedded.end_now()


def configuration_path(settings: Settings) -> Path:
    """The file that is read: the one named, else sarnakh.yaml here, else the shipped example."""
    if settings.config is not None:
        return settings.config
    own = Path("sarnakh.yaml")
    return own if own.exists() else _EXAMPLE


@asynccontextmanager
async def build(settings: Settings, say: Callable[[str], None]) -> AsyncIterator[Building]:
    """Everything a service needs; nothing is waited for that may be away. Raises Refusal."""
    _make(settings.data_dir)
    async with AsyncExitStack() as closing:
        embedded = None
        url = settings.database_url
        if not url:
            embedded = EmbeddedPostgres(settings.data_dir / "postgres")
            url = await embedded.claim()
            closing.push_async_callback(_bounded, "embedded Postgres", embedded.stop, 15.0)
        database = Database(url, pool=_POOL)
        closing.push_async_callback(_bounded, "database", database.close)
        configurations = Configurations(configuration_path(settings), database)
        log = open_log(settings, database)
        closing.push_async_callback(_bounded, "log", log.close)
        watch = asyncio.create_task(configurations.watch())
        closing.callback(watch.cancel)
        runtime = Runtime(
            settings=settings,
            database=database,
            log=log,
            configurations=configurations,
            stop=asyncio.Event(),
            say=say,
            embedded_log=not settings.kafka_bootstrap_servers,
            token=api_token(settings),
        )
        yield Building(runtime, embedded)


async def _bounded(
    name: str, close: Callable[[], Awaitable[None]], within: float = _CLOSE_WITHIN
) -> None:
    try:
        async with asyncio.timeout(within):
            await close()
    except Exception as error:
        structlog.get_logger().warning("not closed", part=name, error=type(error).__name__)


def _make(folder: Path) -> None:
    """The data folder. As root others may pass through it (Postgres has its own user), not look."""
    try:
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(
            f"پوشهٔ داده {folder} ساخته نمی‌شود: {error.strerror}.",
            f"The data folder {folder} cannot be made: {error.strerror}.",
        ) from error
