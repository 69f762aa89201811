"""How a call ended, as every service and every reader calls it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from libs.common.events import Text

FIELD: Final = "call"
"""Of a call's other fields the one that says it."""
MISSED: Final = "missed"
ANSWERED: Final = "answered"
VOICEMAIL: Final = "voicemail"
ENDED: Final = "ended"
"""It is over, and whether a person answered nobody said."""

CALLED: Final = {
    MISSED: Text("تماس گرفت و کسی پاسخ نداد", "Called, and nobody answered"),
    ANSWERED: Text("تماس گرفت و پاسخ گرفت", "Called, and was answered"),
    VOICEMAIL: Text("تماس گرفت و پیام صوتی گذاشت", "Called, and left a voicemail"),
    ENDED: Text("تماس گرفت", "Called"),
}


def called(extra: Mapping[str, Any]) -> Text | None:
    """What became of somebody's last call; None where none is known of."""
    how = extra.get(FIELD)
    return CALLED.get(how) if isinstance(how, str) else None
