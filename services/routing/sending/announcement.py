"""What those who answer for teams hear of a source: that its access token ends. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from urllib.parse import quote

from libs.common.configuration import Configuration
from libs.common.configuration.schema import Route
from libs.common.events import Activity, Contact, Event, Text, derived_id
from libs.common.expiring import Expiry, expiry_of, today
from libs.common.normal.text import persian
from libs.common.ours import is_forged
from services.routing.messages.message import Ending, Message, Surroundings
from services.routing.messages.standing import Standing
from services.routing.moments import jalali
from services.routing.plan import Plan
from services.routing.store.announcements import Announced

EXPIRING: Final = "source.token_expiring"
_LEVELS: Final = ("warn", "alarm")
"""Two weeks and three days before; that it is over shows by what stands still."""
_LAST_RESORT: Final = Route(channel="console")
LONGEST: Final = 200
"""Characters of a source's key."""


class Told(NamedTuple):
    """Who hears of it, and for which team they answer."""

    recipient: str
    team: str
    routes: Sequence[Route]


def announced(event: Event, plan: Plan) -> list[Announced]:
    """The messages that an event asks for, one a route; none for other events."""
    data = event.data
    if not isinstance(data, Activity) or data.type != EXPIRING or is_forged(data.type, data.actor):
        return []
    source, day, level = (data.data.get(name) for name in ("source", "expires", "level"))
    if not isinstance(source, str) or level not in _LEVELS:
        return []
    try:
        expires = date.fromisoformat(str(day))
    except ValueError:
        return []
    return [
        Announced(
            id=derived_id("announcement", event.id, told.recipient, route.channel, route.to or ""),
            source=source[:LONGEST],
            expires=expires,
            recipient=told.recipient,
            team=told.team,
            channel=route.channel,
            address=route.to or "",
            planned_at=event.time,
        )
        for told in told_by(plan)
        for route in told.routes
    ]


def told_by(plan: Plan) -> list[Told]:
    """Every manager, once; where there is none, whoever watches the console."""
    found: dict[str, Told] = {}
    for team in plan.teams.values():
        who = team.manager
        if who and plan.specialist(who) and who not in found:
            found[who] = Told(who, team.key, plan.routes_of(who))
    fallback = plan.content.routing.fallback
    return list(found.values()) or [Told(fallback, fallback, (_LAST_RESORT,))]


def compose(one: Announced, around: Surroundings, token: Expiry) -> Message:
    """The message, in its reader's language, with a link to the source's page."""
    url = f"{around.desk_url}/sources/{quote(one.source, safe='')}"
    return Message(
        id=one.id,
        kind="token_expiring",
        planned_at=one.planned_at,
        lead_id="",
        submission_id=None,
        contact=Contact(),
        team=one.team,
        specialist=one.recipient,
        page=None,
        score=0,
        stage="",
        temperature="",
        why=_WHY,
        url=url,
        language=around.language_of(one.recipient),
        organisation=around.content.organisation.name,
        zone=around.content.organisation.time_zone,
        act_url=url,
        standing=Standing("ending"),
        topic="token_expiring",
        ending=Ending(one.source, token.kind, token.day, token.left, _left(token)),
    )


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
