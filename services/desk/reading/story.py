"""The lines that an event adds to a lead's story, as a salesperson would tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from libs.common.erasing import PERSON_ERASED, SUBMISSION_ERASED
from libs.common.events import (
    Activity,
    Change,
    DeadLetter,
    Event,
    LeadCaptured,
    LeadRouted,
    LeadScored,
    NotificationSettled,
    SubmissionEnriched,
    Text,
)
from libs.common.normal.text import persian
from libs.common.ours import VISITOR, is_forged
from services.desk.reading import arrival, message, visit
from services.desk.reading.arrival import Names, filled
from services.desk.reading.asides import TYPES as ASIDES
from services.desk.reading.rows import Line
from services.desk.words import (
    HOLDS,
    MESSAGES,
    STEPS,
    TEMPERATURES,
    said,
)

_RECOGNISED: Final = frozenset({"person_known", "persons_joined"})
"""Notes that say again what the line of the identified person says."""
_OUTCOMES: Final = {
    "hydrating": Text(
        "شناسه‌اش رسید؛ محتوایش را از سکو می‌گیریم",
        "Its id arrived; the content is being fetched from the platform",
    ),
    "activity": Text(
        "راهی برای تماس نگذاشت؛ فقط به‌عنوان فعالیت نگه داشته شد",
        "No way to reach them was given; kept as an activity",
    ),
    "test": Text("آزمایشی است؛ به کسی داده نشد", "A test; nobody was given it"),
    "discarded": Text("کنار گذاشته شد", "Discarded"),
    "erased": Text("پاک شد", "Erased"),
}
_PERSON_ERASED: Final = Text(
    "هرچه از این شخص داشتیم پاک شد", "All that we had of this person was erased"
)
_DONE: Final = {
    "staff.released": Text("برای ادامهٔ مسیر آزاد شد", "Released from review"),
    "staff.discarded": Text("پس از بررسی کنار گذاشته شد", "Discarded after review"),
    "submission.key_conflict": Text(
        "همان کلید با محتوای دیگری رسید و برای بررسی نگه داشته شد",
        "The same key came with other content, which is held for review",
    ),
    "submission.anew": Text(
        "پس از بسته‌شدن سرنخ پیام داد؛ پیامش از نو آغاز می‌شود",
        "Wrote after the lead was closed, which begins anew",
    ),
    "submission.answered": Text("پاسخ خودکار فرستاده شد", "Automatic reply sent"),
    "submission.resent": Text(
        "سکو همین سرنخ را با پاسخ‌های تازه دوباره فرستاد",
        "The platform sent this lead again with new answers",
    ),
}
_VISITED_AGAIN: Final = Text(
    "همین بازدید با محتوای دیگری دوباره رسید؛ آنچه نخست رسیده بود به حساب می‌آید",
    "This visit was sent again with other content; what came first counts",
)
_NOT_TOLD: Final = frozenset(
    {"raw", "touch", "person", "person_version", "kind", "verified", "notes", "waited"}
)
_SETTLED: Final = {
    "sent": Text("{what} به {who} رسانده شد ({channel})", "{what}: told {who} ({channel})"),
    "failed": Text("{what} به {who} نرسید ({channel})", "{what}: could not tell {who} ({channel})"),
    "unknown": Text(
        "معلوم نشد {what} به {who} رسید یا نه ({channel})",
        "{what}: it is not known whether {who} was told ({channel})",
    ),
}


def lines(event: Event, names: Names) -> Iterator[Line]:
    """What the event adds, in order; nothing for what another event tells better."""
    return _TOLD[type(event.data)](event.data, names, event.time)


def _enriched(data: SubmissionEnriched, _names: Names, at: datetime) -> Iterator[Line]:
    ids: dict[str, Any] = {"submission_id": data.submission_id, "person_id": data.person_id}
    known = data.outcome == "enriched"
    for note in data.notes:
        if known and note.code in _RECOGNISED:
            continue
        yield Line(note.code, note.text, at, 20, data=note.data, **ids)
    if data.outcome == "quarantined":
        why = said(HOLDS, data.reason)
        text = Text(f"برای بررسی نگه داشته شد: {why.fa}", f"Held for review: {why.en}")
        yield Line("quarantined", text, at, 30, data={"reason": data.reason}, **ids)
    elif data.outcome != "enriched":
        text = visit.outcome(data) if visit.is_visit(data) else _OUTCOMES[data.outcome]
        yield Line(data.outcome, text, at, 30, **ids)
    else:
        yield Line("identified", _recognised(data), at, 30, data=_joined(data), **ids)


def _joined(data: SubmissionEnriched) -> dict[str, Any]:
    return {"joined": list(data.joined)} if data.joined else {}


def _recognised(data: SubmissionEnriched) -> Text:
    if data.joined:
        return Text(
            "معلوم شد دو پرونده از آنِ یک نفر است؛ یکی شدند",
            "Two records turned out to be one person and were joined",
        )
    if data.new_person:
        return Text("نخستین تماس این شخص با ماست", "The first time this person is in touch")
    return Text("این شخص را از پیش می‌شناسیم", "We know this person already")


def _score(total: int, temperature: str, reason: Text | None) -> Text:
    heat = said(TEMPERATURES, temperature)
    fa = f"امتیاز {persian(total)} گرفت، {heat.fa}"
    en = f"Scored {total}, {heat.en.lower()}"
    return Text(f"{fa}؛ {reason.fa}", f"{en}; {reason.en}") if reason else Text(fa, en)


def _scored(data: LeadScored, _names: Names, at: datetime) -> Iterator[Line]:
    if data.submission_id is None:
        return  # what an activity changed is told by routing, whose lead it is
    total = data.score.total
    yield Line(
        "scored",
        _score(total, data.temperature, data.stage_reason),
        at,
        40,
        submission_id=data.submission_id,
        person_id=data.person_id,
        data={"total": total, "stage": data.stage, "temperature": data.temperature},
    )


def _routed(data: LeadRouted, _names: Names, _at: datetime) -> Iterator[Line]:
    for change in data.changes:
        yield Line(
            change.kind,
            _rescored(change) if change.kind == "rescored" else change.text,
            change.at,
            50,
            change.actor,
            change.cause,
            change.data,
            data.submission_id,
            data.lead.id,
            data.lead.person_id,
        )


def _rescored(change: Change) -> Text:
    """What an activity has led to, with the numbers, where the change says them."""
    total, temperature = change.data.get("total"), change.data.get("temperature")
    if isinstance(total, int) and isinstance(temperature, str):
        return _score(total, temperature, change.text)
    return change.text


def _settled(data: NotificationSettled, names: Names, _at: datetime) -> Iterator[Line]:
    template = _SETTLED.get(data.state)
    if template is None:
        return
    text = filled(
        template,
        what=said(MESSAGES, data.kind),
        who=names.get(data.specialist, data.specialist),
        channel=data.channel,
    )
    yield Line(
        f"notification_{data.state}",
        text,
        data.at,
        60,
        submission_id=data.submission_id,
        lead_id=data.lead_id,
        data={"notification_id": data.notification_id, "channel": data.channel, "kind": data.kind},
    )


def _acted(data: Activity, _names: Names, _at: datetime) -> Iterator[Line]:
    if is_forged(data.type, data.actor):
        return
    if data.actor == VISITOR:
        yield visit.done(data)
        return
    yield from _done(data)


def _done(data: Activity) -> Iterator[Line]:
    if data.type == "staff.noted":
        yield _noted(data)
        return
    if data.type == PERSON_ERASED and not data.data.get("part"):
        yield _erased(data)
    if data.type in (PERSON_ERASED, SUBMISSION_ERASED):
        return
    told_by_routing = data.type.startswith(("staff.", "timer.")) and data.type not in _DONE
    is_named = data.type == "submission.resent" and data.data.get("supplement") is True
    if told_by_routing or is_named or data.type in ASIDES:
        return  # a name that follows is told of with its lead
    template = _DONE.get(data.type)
    text = template or Text(data.type, data.type)
    facts: dict[str, Any] = {n: v for n, v in data.data.items() if n not in _NOT_TOLD}
    if data.type == "submission.anew" and data.data.get("waited") is True:
        text = message.UNMET
    if data.type == "submission.resent":
        facts["page"] = data.page
        text = _VISITED_AGAIN if data.data.get("kind") in visit.KINDS else text
        text = message.WROTE if data.data.get("message") else text
        yield from message.noticed(data)
    yield Line(
        data.type.rpartition(".")[2],
        text,
        data.at,
        5,
        data.actor,
        data=facts,
        submission_id=data.submission_id,
        lead_id=data.lead_id,
        person_id=data.person_id,
    )


def _erased(data: Activity) -> Line:
    reason = str(data.data.get("reason") or "")
    text = Text(_PERSON_ERASED.fa, _PERSON_ERASED.en)
    if reason:
        text = Text(f"{text.fa}: {reason}", f"{text.en}: {reason}")
    return Line("erased", text, data.at, 95, data.actor, person_id=data.person_id)


def _noted(data: Activity) -> Line:
    words = str(data.data.get("text", ""))
    return Line(
        "noted",
        Text(words, words),
        data.at,
        5,
        data.actor,
        lead_id=data.lead_id,
        person_id=data.person_id,
    )


def _died(data: DeadLetter, _names: Names, _at: datetime) -> Iterator[Line]:
    step = said(STEPS, data.stage)
    yield Line(
        "dead",
        Text(
            f"در مرحلهٔ {step.fa} از پیش رفتن بازماند ({data.reason})",
            f"Stopped in {step.en} ({data.reason})",
        ),
        data.at,
        90,
        data={"stage": data.stage, "reason": data.reason, "dead_letter_id": data.letter_id},
        submission_id=data.submission_id,
    )


_TOLD: Final[dict[type[msgspec.Struct], Callable[[Any, Names, datetime], Iterator[Line]]]] = {
    LeadCaptured: arrival.told,
    SubmissionEnriched: _enriched,
    LeadScored: _scored,
    LeadRouted: _routed,
    NotificationSettled: _settled,
    Activity: _acted,
    DeadLetter: _died,
}
