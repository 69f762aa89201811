"""The lines that an event adds to a lead's story, as a salesperson would tell them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from libs.common.events import (
    Activity,
    DeadLetter,
    Event,
    LeadCaptured,
    LeadRouted,
    LeadScored,
    NotificationSettled,
    SubmissionEnriched,
    Text,
)
from libs.common.normal.page import normal_page
from services.desk import visit
from services.desk.answers import answers
from services.desk.asides import TYPES as ASIDES
from services.desk.rows import Line
from services.desk.words import (
    ACTORS,
    HOLDS,
    KINDS,
    MESSAGES,
    STEPS,
    TEMPERATURES,
    persian_digits,
    said,
)

Names = Mapping[str, str]
"""Specialists' names by key."""

_ARRIVED: Final = {
    "form": Text("فرم «{source}» را پر کرد", "Filled in the form “{source}”"),
    "api": Text("از راه برنامهٔ «{source}» رسید", "Came in through “{source}”"),
    "webhook": Text("از «{source}» رسید", "Came in from “{source}”"),
}
_ENTERED: Final = {
    "call": Text("{who} این تماس را ثبت کرد", "{who} put in this call"),
    "walk_in": Text("{who} این مراجعهٔ حضوری را ثبت کرد", "{who} put in this walk-in"),
}
_OTHERWISE: Final = Text("از راه {kind} رسید ({source})", "Came in by {kind} ({source})")
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
_DONE: Final = {
    "staff.released": Text("برای ادامهٔ مسیر آزاد شد", "Released from review"),
    "staff.discarded": Text("پس از بررسی کنار گذاشته شد", "Discarded after review"),
    "submission.key_conflict": Text(
        "همان کلید با محتوای دیگری رسید و برای بررسی نگه داشته شد",
        "The same key came with other content, which is held for review",
    ),
    "submission.resent": Text(
        "سکو همین سرنخ را با پاسخ‌های تازه دوباره فرستاد",
        "The platform sent this lead again with new answers",
    ),
}
_NOT_TOLD: Final = frozenset({"raw", "touch", "person", "person_version"})
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
    match event.data:
        case LeadCaptured() as data:
            yield _captured(data, names)
        case SubmissionEnriched() as data:
            yield from _enriched(data, event.time)
        case LeadScored() as data:
            yield _scored(data, event.time)
        case LeadRouted() as data:
            yield from _routed(data)
        case NotificationSettled() as data:
            yield from _settled(data, names)
        case Activity() as data if data.actor == visit.VISITOR:
            yield visit.done(data)
        case Activity() as data:
            yield from _acted(data)
        case DeadLetter() as data:
            yield _died(data)


def _filled(template: Text, **values: str | Text) -> Text:
    fa = {n: v.fa if isinstance(v, Text) else v for n, v in values.items()}
    en = {n: v.en if isinstance(v, Text) else v for n, v in values.items()}
    return Text(template.fa.format(**fa), template.en.format(**en))


def _captured(data: LeadCaptured, names: Names) -> Line:
    template = _ARRIVED.get(data.kind, _OTHERWISE)
    if data.entered_by:
        template = _ENTERED.get(data.kind, template)
    who = names.get(data.entered_by or "") or said(ACTORS, data.entered_by)
    text = _filled(template, source=data.source, kind=said(KINDS, data.kind), who=who)
    page = data.attribution.page_url and normal_page(data.attribution.page_url)
    if page:
        text = Text(f"{text.fa}، در صفحهٔ {page}", f"{text.en}, on {page}")
    if visit.is_visit(data):
        text = visit.arrived(data, page)
    facts = {
        "source": data.source,
        "source_kind": data.source_kind,
        "page": page,
        "arrived": {
            **{name: typed for name, typed in data.fields.items() if typed.strip()},
            **answers(data.extra),
        },
    }
    return Line(
        "received",
        text,
        data.received_at,
        10,
        data.entered_by or "system",
        submission_id=data.submission_id,
        data={name: value for name, value in facts.items() if value},
    )


def _enriched(data: SubmissionEnriched, at: datetime) -> Iterator[Line]:
    ids: dict[str, Any] = {"submission_id": data.submission_id, "person_id": data.person_id}
    for note in data.notes:
        yield Line(note.code, note.text, at, 20, data=note.data, **ids)
    if data.outcome == "quarantined":
        why = said(HOLDS, data.reason)
        text = Text(f"برای بررسی نگه داشته شد: {why.fa}", f"Held for review: {why.en}")
        yield Line("quarantined", text, at, 30, data={"reason": data.reason}, **ids)
    elif data.outcome != "enriched":
        text = visit.outcome(data) if visit.is_visit(data) else _OUTCOMES[data.outcome]
        yield Line(data.outcome, text, at, 30, **ids)
    else:
        yield Line("identified", _recognised(data), at, 30, **ids)


def _recognised(data: SubmissionEnriched) -> Text:
    if data.joined:
        return Text(
            "معلوم شد دو پرونده از آنِ یک نفر است؛ یکی شدند",
            "Two records turned out to be one person and were joined",
        )
    if data.new_person:
        return Text("نخستین تماس این شخص با ماست", "The first time this person is in touch")
    return Text("این شخص را از پیش می‌شناسیم", "We know this person already")


def _scored(data: LeadScored, at: datetime) -> Line:
    total, heat = data.score.total, said(TEMPERATURES, data.temperature)
    fa = f"امتیاز {persian_digits(total)} گرفت، {heat.fa}"
    en = f"Scored {total}, {heat.en.lower()}"
    if data.stage_reason:
        fa, en = f"{fa}؛ {data.stage_reason.fa}", f"{en}; {data.stage_reason.en}"
    return Line(
        "scored",
        Text(fa, en),
        at,
        40,
        submission_id=data.submission_id,
        person_id=data.person_id,
        data={"total": total, "stage": data.stage, "temperature": data.temperature},
    )


def _routed(data: LeadRouted) -> Iterator[Line]:
    for change in data.changes:
        yield Line(
            change.kind,
            change.text,
            change.at,
            50,
            change.actor,
            change.cause,
            change.data,
            data.submission_id,
            data.lead.id,
            data.lead.person_id,
        )


def _settled(data: NotificationSettled, names: Names) -> Iterator[Line]:
    template = _SETTLED.get(data.state)
    if template is None:
        return
    text = _filled(
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


def _acted(data: Activity) -> Iterator[Line]:
    if data.type == "staff.noted":
        yield _noted(data)
        return
    told_by_routing = data.type.startswith(("staff.", "timer.")) and data.type not in _DONE
    if told_by_routing or data.type in ASIDES:
        return
    template = _DONE.get(data.type)
    text = template or Text(data.type, data.type)
    facts: dict[str, Any] = {n: v for n, v in data.data.items() if n not in _NOT_TOLD}
    if data.type == "submission.resent":
        facts["page"] = data.page
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


def _died(data: DeadLetter) -> Line:
    step = said(STEPS, data.stage)
    return Line(
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
