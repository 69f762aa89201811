"""What those who answer for teams hear of a source: that its access token ends. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from libs.common.configuration import Configuration
from libs.common.events import Event, Text
from libs.common.expiring import Expiry, expiry_of, today
from libs.common.normal.text import persian
from services.routing.messages.message import Message, OfSource, Surroundings
from services.routing.moments import jalali
from services.routing.plan import Plan
from services.routing.sending.managers import LONGEST, composed, copies, word
from services.routing.store.announcements import Announced

EXPIRING: Final = "source.token_expiring"
_LEVELS: Final = ("warn", "alarm")
"""Two weeks and three days before; that it is over shows by what stands still."""


def announced(event: Event, plan: Plan) -> list[Announced]:
    """The messages that an event asks for, one a route; none for other events."""
    data = word(event, EXPIRING) or {}
    source, day, level = (data.get(name) for name in ("source", "expires", "level"))
    if not isinstance(source, str) or level not in _LEVELS:
        return []
    try:
        expires = date.fromisoformat(str(day))
    except ValueError:
        return []
    return [
        Announced(source=source[:LONGEST], expires=expires, **copy)
        for copy in copies(event, plan, "announcement")
    ]


def compose(one: Announced, around: Surroundings, token: Expiry) -> Message:
    """The message: how long is left, and what to do."""
    told = {
        "source": one.source,
        "source_kind": token.kind,
        "expires": token.day,
        "days_left": token.left,
    }
    of_source = OfSource(EXPIRING, told, _left(token))
    return composed(one, around, "token_expiring", _WHY, of_source)


_WHY: Final = Text(
    "پاسخ‌گوی یک تیم هستید؛ رمز تازه‌ای از سکو بگیرید و در پیکربندی بگذارید، وگرنه دیگر چیزی از این "
    "منبع خوانده نمی‌شود",
    "you answer for a team; get another from the platform and put it into the configuration, or "
    "nothing more is read from this source",
)


def _left(token: Expiry) -> Text:
    ends = Text(jalali(token.day), f"{token.day:%A} {token.day.day} {token.day:%B}")
    if not token.left:
        return Text(
            f"رمز دسترسی منبع «{token.source}» امروز تمام می‌شود ({ends.fa})",
            f"The access token of the source {token.source} ends today ({ends.en})",
        )
    days = "day" if token.left == 1 else "days"
    return Text(
        f"رمز دسترسی منبع «{token.source}» {persian(token.left)} روز دیگر تمام می‌شود ({ends.fa})",
        f"The access token of the source {token.source} ends in {token.left} {days} ({ends.en})",
    )


def still_ends(one: Announced, content: Configuration, now: datetime) -> Expiry | None:
    """Its end, as the configuration has it now; None once there is another token, or it is over."""
    for source in content.sources:
        if source.key == one.source:
            found = expiry_of(source, today(content, now))
            return found if found and found.day == one.expires and found.left >= 0 else None
    return None
