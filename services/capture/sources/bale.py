"""Bale (بله): its bots get Telegram's updates, but nothing in the call proves where it is from.

https://docs.bale.ai
"""

from __future__ import annotations

from typing import Final

from services.capture.sources.contract import Kind
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.telegram import parse_update

BALE: Final = Kind("bale", by_shared_secret, parse_update, submits="chat")
