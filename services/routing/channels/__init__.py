"""The channels that specialists can be reached on: one file each, one tuple of all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from libs.common.runtime import Runtime
from services.routing.channels.bot_api import BotApi
from services.routing.channels.console import Console
from services.routing.channels.contract import Channel
from services.routing.channels.mail import Email
from services.routing.channels.telegram import Telegram
from services.routing.channels.webhook import Webhook

Now = Callable[[], datetime]

CHANNELS: Final[tuple[Callable[[Runtime, Now], Channel], ...]] = (
    lambda runtime, _now: Console(runtime.say),
    lambda _runtime, now: Webhook(now),
    lambda _runtime, _now: Email(),
    lambda _runtime, _now: Telegram("telegram", BotApi()),
    lambda _runtime, _now: Telegram("bale", BotApi()),
)
"""How each is made, with what it needs of the process."""
