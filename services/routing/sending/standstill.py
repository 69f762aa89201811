"""What those who answer for teams hear of a source whose platform gives nothing out. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from libs.common import standstill
from libs.common.events import Event, Text
from services.routing.messages.message import Message, OfSource, Surroundings
from services.routing.plan import Plan
from services.routing.sending.managers import LONGEST, composed, copies, word
from services.routing.store.standstills import Standstill

PAUSED: Final = "source.paused"
RESUMED: Final = "source.resumed"
_LONGEST_REASON: Final = 40
_MOST_CHANGES: Final = 2**31 - 1
_LONGEST_LACK: Final = 20
_RIGHT: Final = Text(
    "پاسخ‌گوی یک تیم هستید؛ در سکو اجازه‌ای را که کم است به این رمز بدهید، آنچه مانده خودش گرفته "
    "می‌شود",
    "you answer for a team; give this token the right that it lacks at the platform, and what "
    "waits is fetched by itself",
)
_WHY: Final = {
    "token": Text(
        "پاسخ‌گوی یک تیم هستید؛ رمز تازه‌ای از سکو بگیرید و در پیکربندی بگذارید، آنچه مانده خودش "
        "گرفته می‌شود",
        "you answer for a team; get another token from the platform and put it into the "
        "configuration, and what waits is fetched by itself",
    ),
    "right": _RIGHT,
    "sight": _RIGHT,
    "version": Text(
        "پاسخ‌گوی یک تیم هستید؛ نسخهٔ تازه‌تری (api_version) در پیکربندی بگذارید، آنچه مانده خودش "
        "گرفته می‌شود",
        "you answer for a team; put a newer api_version into the configuration, and what waits is "
        "fetched by itself",
    ),
}
"""What to do, by what is missing."""


def stopped(event: Event, plan: Plan) -> list[Standstill]:
    """The messages that an event asks for, one a route; none for other events.

    A form or page of a source that alone is refused shows at the desk.
    """
    data = word(event, PAUSED) or {}
    source, kind, reason = (data.get(name) for name in ("source", "source_kind", "reason"))
    lacks = data.get("lacks")
    if not isinstance(source, str) or not isinstance(reason, str) or data.get("place"):
        return []
    return [
        Standstill(
            source=source[:LONGEST],
            source_kind=kind[:LONGEST] if isinstance(kind, str) else "",
            reason=reason[:_LONGEST_REASON],
            change=_change(data.get("change")),
            lacks=lacks[:_LONGEST_LACK] if isinstance(lacks, str) else "",
            **copy,
        )
        for copy in copies(event, plan, "standstill")
    ]


def _change(told: object) -> int | None:
    return told if type(told) is int and 0 <= told <= _MOST_CHANGES else None


def resumed(event: Event) -> tuple[str, datetime] | None:
    """Which source goes on, and since when: as a whole, or but for a form or page."""
    place = word(event, PAUSED) or {}
    data = place if place.get("goes_on") is True else word(event, RESUMED) or {}
    source = data.get("source")
    return (source[:LONGEST], event.time) if isinstance(source, str) else None


def compose(one: Standstill, around: Surroundings) -> Message:
    """The message: that nothing is fetched, why, and what to do."""
    told = {
        "source": one.source,
        "source_kind": one.source_kind,
        "reason": one.reason,
        "lacks": one.lacks or None,
        "paused_at": one.planned_at.astimezone(UTC),
    }
    why = standstill.why(one.reason, one.lacks)
    said = Text(
        f"از منبع «{one.source}» چیزی گرفته نمی‌شود: {why.fa}",
        f"Nothing is fetched for the source {one.source}: {why.en}",
    )
    todo = _WHY.get(one.lacks, _WHY["token"])
    return composed(one, around, "source_paused", todo, OfSource(PAUSED, told, said))
