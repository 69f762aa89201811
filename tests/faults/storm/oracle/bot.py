"""A bot API that takes no id: what it accepts twice is told twice, so nothing may be repeated."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

from services.routing.channels.wording import HEADINGS
from tests.doubles.telegram import BotServer, Mode
from tests.faults.storm.oracle.ledger import Ledger

_PHONE: Final = re.compile(r"\+98\d{10}")
_LIKE: Final[dict[str, Mode]] = {
    "ok": "ok",
    "500": "500",
    "429": "429",
    "hang": "500",
    "hang_after": "hang_after",
    "cut": "cut",
}
"""The provider's mode → the bot API's nearest."""
_OF_NEW: Final = HEADINGS["assigned"].fa
"""What the message of an assignment begins with."""


class Bot(BotServer):
    """Notes each message that it has accepted, under the phone that is in its text."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.told: Counter[str] = Counter()
        """How often each phone was told of."""
        self._ledger = ledger

    def behave(self, mode: str) -> None:
        """From now on."""
        self.modes = [_LIKE[mode]]

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        posted = super()._post(arguments)
        found = _PHONE.search(arguments["text"])
        phone = found[0] if found else "unknown"
        self.told[phone] += 1
        self._ledger.note(
            "posted", id=posted["message_id"], to=str(arguments["chat_id"]), phone=phone,
            mode=self.modes[0], first=_OF_NEW in arguments["text"],
        )  # fmt: skip
        self.chats.clear()  # kept in the ledger; a long run has many
        return posted
