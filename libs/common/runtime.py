"""What every service is handed when it is built: nothing is made at import."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from libs.common.configuration import Configurations
from libs.common.database import Database
from libs.common.log import Log
from libs.common.settings import Settings


@dataclass(frozen=True)
class Runtime:
    """One process's surroundings, shared by the services that run in it."""

    settings: Settings
    database: Database
    log: Log
    configurations: Configurations
    stop: asyncio.Event
    """Set once when the process is asked to end."""
    say: Callable[[str], None]
    """Prints a line for whoever started the process (where a page listens, how to sign in)."""
    embedded_log: bool
    token: str
    """The desk's API token."""
    checks: dict[str, Callable[[], str | None]] = field(default_factory=dict)
    """Readiness: a service puts a function here that names what is wrong, or gives None."""
