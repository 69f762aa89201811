"""What a service is handed, without a process around it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from libs.common.configuration import Configurations
from libs.common.database import Database
from libs.common.log import Log
from libs.common.runtime import Runtime
from libs.common.settings import Settings


def runtime_of(database: Database, file: Path, log: Log, token: str = "") -> Runtime:
    """Under the configuration of this file, with its folder for data."""
    return Runtime(
        settings=Settings(data_dir=file.parent),
        database=database,
        log=log,
        configurations=Configurations(file, database),
        stop=asyncio.Event(),
        say=lambda _line: None,
        embedded_log=True,
        token=token,
    )
