"""One line where the process was started. Holds no contact data: that is behind the link."""

from __future__ import annotations

from collections.abc import Callable

from libs.common.configuration.schema import Channel as ChannelSettings
from services.routing.channels.contract import TOO_LATE, Begin, Result, Sent
from services.routing.channels.wording import facts, heading, line
from services.routing.messages.message import Message


class Console:
    """Prints through what the process says to whoever started it."""

    name = "console"
    takes_id = False
    at_once = 8
    seconds = 10.0

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    async def send(
        self, message: Message, _address: str, _settings: ChannelSettings | None, begin: Begin
    ) -> Result:
        """Print the line."""
        if not await begin():
            return TOO_LATE
        kind = heading(message)
        of_all = "" if message.is_of_a_lead else facts(message).name
        page = of_all or line(message.page, "page") or "-"
        self._say(f"{kind} → {message.specialist} ({message.team}) · {page} · {message.url}")
        return Sent()

    async def close(self) -> None:
        """Nothing is held."""
