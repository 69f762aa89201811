"""`sarnakh migrate` and `sarnakh config check`: what is done before, or beside, a start."""

from __future__ import annotations

import os
from pathlib import Path

from libs.common.building import build, configuration_path
from libs.common.configuration.load import load_file
from libs.common.events.values import Text
from libs.common.foundation import Foundation
from libs.common.settings import Settings
from libs.common.terminal import language, spoken
from services.commands import signals
from services.commands.printing import progress, say
from services.migrations import CHAINS


async def migrate(settings: Settings) -> None:
    """Create and bring up to date all schemas and topics."""
    async with build(settings, say) as building:
        signals.listen(building.runtime.stop, building.end_now)
        with progress() as said:
            await Foundation(building, CHAINS, said).lay()
    say(spoken(Text("همهٔ جدول‌ها و موضوع‌ها آماده‌اند.", "All tables and topics are in place.")))


def check(settings: Settings, file: Path | None) -> None:
    """Print what is odd in a configuration file. Raises Refusal with what is wrong."""
    path = file or configuration_path(settings)
    for warning in load_file(path, os.environ).warnings:
        say(warning.of(language()))
    say(spoken(Text(f"{path} درست است.", f"{path} is valid.")))
