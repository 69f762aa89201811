"""What those who answer for teams hear of a source that has gone quiet. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from libs.common.configuration import Configuration
from libs.common.events import Activity, Contact, Event, Text, derived_id
from libs.common.normal.text import persian
from libs.common.ours import is_forged
from services.routing.messages.message import Hush, Message, Surroundings
from services.routing.messages.standing import Standing
from services.routing.moments import jalali, lasting
from services.routing.plan import Plan
from services.routing.sending.announcement import LONGEST, told_by
from services.routing.store.silences import Hushed

SILENT: Final = "source.silent"
HEARD_AGAIN: Final = "source.heard_again"
_MOST_SECONDS: Final = 10 * 365 * 86_400
_WHY: Final = Text(
    "پاسخ‌گوی یک تیم هستید؛ ببینید هنوز کار می‌کند یا نه: تبلیغ یا فرم، نشانی‌ای که می‌فرستد و رمزش",
    "you answer for a team; see whether it still works: the ad or form, the address that it sends "
    "to, and its secret",
)


def hushed(event: Event, plan: Plan) -> list[Hushed]:
    """The messages that an event asks for, one a route; none for other events."""
    data, last = _data(event, SILENT), _last(event, SILENT)
    if data is None or last is None:
        return []
    source, at = last
    kind = data.get("source_kind")
    return [
        Hushed(
            id=derived_id("silence", event.id, told.recipient, route.channel, route.to or ""),
            source=source,
            source_kind=kind[:LONGEST] if isinstance(kind, str) else "",
            last_at=at,
            usual=_usual(data.get("usual_seconds")),
            recipient=told.recipient,
            team=told.team,
            channel=route.channel,
            address=route.to or "",
            planned_at=event.time,
        )
        for told in told_by(plan)
        for route in told.routes
    ]


def _usual(told: object) -> timedelta | None:
    if not isinstance(told, int) or not 0 < told <= _MOST_SECONDS:
        return None
    return timedelta(seconds=told)


def heard_again(event: Event) -> tuple[str, datetime] | None:
    """Which source has spoken again, and when it had spoken last before."""
    return _last(event, HEARD_AGAIN)


def _data(event: Event, type_: str) -> Mapping[str, Any] | None:
    data = event.data
    if not isinstance(data, Activity) or data.type != type_ or is_forged(data.type, data.actor):
        return None
    return data.data


def _last(event: Event, type_: str) -> tuple[str, datetime] | None:
    data = _data(event, type_) or {}
    source, last = data.get("source"), data.get("last_at")
    try:
        at = datetime.fromisoformat(last) if isinstance(last, str) else None
    except ValueError:
        return None
    if not isinstance(source, str) or at is None or at.tzinfo is None:
        return None
    return source[:LONGEST], at


def is_known(key: str, content: Configuration) -> bool:
    """Whether that way in is still configured."""
    forms = (form.key for site in content.sites for form in site.forms)
    programs = (one.key for one in content.api_keys)
    return key in {*forms, *programs, *(one.key for one in content.sources)}


def compose(one: Hushed, around: Surroundings, now: datetime) -> Message:
    """The message, in its reader's language, with a link to the source's page."""
    url = f"{around.desk_url}/sources/{quote(one.source, safe='')}"
    quiet = max(now - one.last_at, timedelta())
    return Message(
        id=one.id,
        kind="source_silent",
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
        topic="source_silent",
        hush=Hush(
            one.source, one.source_kind, one.last_at, quiet, one.usual, _text(one, quiet, around)
        ),
    )


def _text(one: Hushed, quiet: timedelta, around: Surroundings) -> Text:
    then, length = one.last_at.astimezone(around.zone), lasting(quiet)
    day = Text(jalali(then), f"{then:%A} {then.day} {then:%B}")
    said = Text(
        f"{length.fa} است که از «{one.source}» چیزی نرسیده؛ آخرین بار {day.fa} ساعت "
        f"{persian(f'{then:%H:%M}')}",
        f"Nothing has come from {one.source} for {length.en}; the last was at {then:%H:%M} "
        f"on {day.en}",
    )
    if not one.usual:
        return said
    usual = lasting(one.usual)
    return Text(
        f"{said.fa}. معمولاً هر {usual.fa} چیزی می‌رسد",
        f"{said.en}. Usually something comes every {usual.en}",
    )
