"""What managers hear of a source that has gone quiet, and of one that is heard again. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from libs.common.events import Event, Text
from libs.common.normal.text import persian
from services.routing.messages.message import Message, OfSource, Surroundings
from services.routing.moments import jalali, lasting
from services.routing.plan import Plan
from services.routing.sending.managers import LONGEST, composed, copies, word
from services.routing.store.reliefs import Relieved
from services.routing.store.silences import Hushed, Over

SILENT: Final = "source.silent"
HEARD_AGAIN: Final = "source.heard_again"
_MOST_SECONDS: Final = 10 * 365 * 86_400
_WHY: Final = Text(
    "پاسخ‌گوی یک تیم هستید؛ ببینید هنوز کار می‌کند یا نه: تبلیغ یا فرم، نشانی‌ای که می‌فرستد و رمزش",
    "you answer for a team; see whether it still works: the ad or form, the address that it sends "
    "to, and its secret",
)
_WHY_HEARD: Final = Text(
    "خبر ساکت‌شدنش را برای شما فرستاده بودیم؛ کاری لازم نیست",
    "you were told that it had gone quiet; there is nothing to do",
)


def hushed(event: Event, plan: Plan) -> list[Hushed]:
    """The messages that an event asks for, one a route; none for other events."""
    data, last = word(event, SILENT) or {}, _of(event, SILENT)
    if last is None:
        return []
    source, at = last
    kind = data.get("source_kind")
    return [
        Hushed(
            source=source,
            source_kind=kind[:LONGEST] if isinstance(kind, str) else "",
            last_at=at,
            usual=_usual(data.get("usual_seconds")),
            **copy,
        )
        for copy in copies(event, plan, "silence")
    ]


def _usual(told: object) -> timedelta | None:
    if not isinstance(told, int) or not 0 < told <= _MOST_SECONDS:
        return None
    return timedelta(seconds=told)


def heard_again(event: Event) -> Over | None:
    """Which source has spoken again, when, and when it had spoken last before."""
    found, data = _of(event, HEARD_AGAIN), word(event, HEARD_AGAIN) or {}
    return Over(*found, _moment(data.get("heard_at"))) if found else None


def _of(event: Event, type_: str) -> tuple[str, datetime] | None:
    data = word(event, type_) or {}
    source, at = data.get("source"), _moment(data.get("last_at"))
    return (source[:LONGEST], at) if isinstance(source, str) and at else None


def _moment(told: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    return at if at and at.tzinfo else None


def compose(one: Hushed, around: Surroundings, now: datetime) -> Message:
    """The message: since when, and what is usual."""
    quiet = max(now - one.last_at, timedelta())
    told = {
        "source": one.source,
        "source_kind": one.source_kind,
        "last_at": one.last_at.astimezone(UTC),
        "quiet_seconds": int(quiet.total_seconds()),
        "usual_seconds": int(one.usual.total_seconds()) if one.usual else None,
    }
    of_source = OfSource(SILENT, told, _text(one, quiet, around))
    return composed(one, around, "source_silent", _WHY, of_source)


def compose_relief(one: Relieved, around: Surroundings) -> Message:
    """The message: when it was heard, and after how long."""
    quiet = max(one.heard_at - one.last_at, timedelta())
    told = {
        "source": one.source,
        "source_kind": one.source_kind,
        "last_at": one.last_at.astimezone(UTC),
        "heard_at": one.heard_at.astimezone(UTC),
        "quiet_seconds": int(quiet.total_seconds()),
    }
    when, length = _moment_of(one.heard_at, around), lasting(quiet)
    said = Text(
        f"از «{one.source}» دوباره چیزی رسید: {when.fa}، پس از {length.fa}",
        f"Something has come from {one.source} again, at {when.en}, after {length.en}",
    )
    of_source = OfSource(HEARD_AGAIN, told, said)
    return composed(one, around, "source_heard_again", _WHY_HEARD, of_source)


def _moment_of(moment: datetime, around: Surroundings) -> Text:
    then = moment.astimezone(around.zone)
    return Text(
        f"{jalali(then)} ساعت {persian(f'{then:%H:%M}')}",
        f"{then:%H:%M} on {then:%A} {then.day} {then:%B}",
    )


def _text(one: Hushed, quiet: timedelta, around: Surroundings) -> Text:
    last, length = _moment_of(one.last_at, around), lasting(quiet)
    said = Text(
        f"{length.fa} است که از «{one.source}» چیزی نرسیده؛ آخرین بار {last.fa}",
        f"Nothing has come from {one.source} for {length.en}; the last was at {last.en}",
    )
    if not one.usual:
        return said
    often = Text("چند بار در دقیقه", "several times a minute")
    if one.usual >= timedelta(minutes=1):
        usual = lasting(one.usual)
        often = Text(f"هر {usual.fa}", f"every {usual.en}")
    return Text(
        f"{said.fa}. معمولاً {often.fa} چیزی می‌رسد",
        f"{said.en}. Usually something comes {often.en}",
    )
