"""The chats that can be answered: one value each, one tuple."""

from __future__ import annotations

from typing import Final

from services.capture.replies.bot_api import BALE, TELEGRAM
from services.capture.replies.contract import Replying
from services.capture.replies.live_chat import CHATWOOT, CRISP
from services.capture.replies.messaging import INSTAGRAM, WHATSAPP
from services.capture.replies.rubika import RUBIKA

__all__ = ["REPLIES", "Replying"]

_ALL: Final = (TELEGRAM, BALE, RUBIKA, WHATSAPP, INSTAGRAM, CHATWOOT, CRISP)

REPLIES: Final = {each.kind: each for each in _ALL}
