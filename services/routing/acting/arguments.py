"""What an action of staff may bring along, and why it is refused in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from libs.common.events import Text

LARGEST_AMOUNT: Final = 1e15


class Refused(Exception):
    """Why an action does not fit."""

    def __init__(self, fa: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(fa, en)


def text_of(value: Any) -> str:
    """The text, of bounded length; empty where it is none."""
    return value.strip()[:1000] if isinstance(value, str) else ""


def moment_of(value: Any) -> datetime | None:
    """The moment with its offset; None where it is none."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None


def amount_of(value: Any) -> float:
    """The amount of money. Raises Refused."""
    fine = isinstance(value, int | float) and not isinstance(value, bool)
    if not fine or not 0 <= value <= LARGEST_AMOUNT:
        raise Refused("مبلغ فروش درست نیست", "The amount is not right")
    return float(value)
