"""What those who answer for teams hear of a source: that its access token ends. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from libs.common.configuration import Configuration
from libs.common.events import Activity, Event, Text
from libs.common.expiring import KNOWN, Expiry, day_of, expiry_of
from libs.common.normal.text import persian
from services.routing.messages.message import Message, OfSource, Surroundings
from services.routing.moments import jalali
from services.routing.plan import Plan
from services.routing.sending.managers import LONGEST, composed, copies, word
from services.routing.store.announcements import Announced, Ends

EXPIRING: Final = "source.token_expiring"
_LEVELS: Final = ("warn", "alarm")
"""Two weeks and three days before; that it is over shows by what stands still."""


def announced(event: Event, plan: Plan) -> list[Announced]:
    """The messages that an event asks for, one a route; none for other events."""
    data = word(event, EXPIRING) or {}
    source, expires = data.get("source"), _day(data)
    if not isinstance(source, str) or data.get("level") not in _LEVELS or expires is None:
        return []
    return [
        Announced(source=source[:LONGEST], expires=expires, **copy)
        for copy in copies(event, plan, "announcement")
    ]


def ends_known(event: Event) -> Ends | None:
    """What an event says of when a source's token ends; None for other events.

    The announcement says it too: it may be read before the word that it follows from. One of a day
    that was written down (`told` is false) says nothing of what a platform knows.
    """
    data = word(event, KNOWN) or word(event, EXPIRING) or {}
    source = data.get("source")
    if not isinstance(source, str) or not isinstance(event.data, Activity):
        return None
    if data.get("told") is False:
        return None
    return Ends(source[:LONGEST], _day(data), event.data.at)


def _day(data: Mapping[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(data.get("expires")))
    except ValueError:
        return None


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
    """Its end, as it is known now; None once there is another token, or it is over."""
    for source in content.sources:
        if source.key == one.source:
            found = expiry_of(source, day_of(content, now), one.known)
            return found if found and found.day == one.expires and found.left >= 0 else None
    return None
