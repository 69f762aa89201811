"""The buttons under a bot's message, and what a press of one says.

https://core.telegram.org/bots/api#inlinekeyboardmarkup: the data of a button has 64 bytes.
"""

from __future__ import annotations

import uuid
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from services.routing.channels.wording import ACTIONS, REASONS, opening
from services.routing.messages.message import Message

_LETTERS: Final = {"accept": "a", "contacted": "c", "decline": "d", "back": "b"}
_NAMES: Final = {letter: name for name, letter in _LETTERS.items()}
_REASON: Final = "r"


class Press(NamedTuple):
    """A button that somebody pressed."""

    action: str
    """accept, contacted, decline (asks for the reason), back, or reason."""
    notification_id: str
    reason: str = ""
    """One of REASONS, of a reason."""


def of_message(message: Message) -> dict[str, Any]:
    """What its reader may still do with the lead; none of it where nothing is left."""
    first = [
        _press(ACTIONS[offer].of(message.language), _LETTERS[offer], message.id)
        for offer in message.standing.offers
    ]
    rows = [first[:2], first[2:] + _link(message)]
    return {"inline_keyboard": [row for row in rows if row]}


def of_reasons(notification_id: str, language: str) -> dict[str, Any]:
    """Why not: a short list, and the way back."""
    rows = [
        [_press(said.of(language), f"{_REASON}{name[0]}", notification_id)]
        for name, said in REASONS.items()
    ]
    rows.append([_press(ACTIONS["back"].of(language), _LETTERS["back"], notification_id)])
    return {"inline_keyboard": rows}


def read(data: str) -> Press | None:
    """The press that a button's data tells of; None for what none of our buttons says."""
    head, _, identity = data.partition(":")
    try:
        notification_id = str(uuid.UUID(identity))
    except ValueError:
        return None
    if head in _NAMES:
        return Press(_NAMES[head], notification_id)
    reason = next((name for name in REASONS if head == f"{_REASON}{name[0]}"), None)
    return Press("reason", notification_id, reason) if reason else None


def _press(text: str, head: str, notification_id: str) -> dict[str, str]:
    return {"text": text, "callback_data": f"{head}:{notification_id}"}


def _link(message: Message) -> list[dict[str, str]]:
    """Telegram refuses a message with a link to the reader's own machine."""
    host = urlsplit(message.act_url).hostname or ""
    if "." not in host or host.startswith("127."):
        return []
    return [{"text": opening(message), "url": message.act_url}]
