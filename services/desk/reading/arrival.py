"""How a submission came in, as the first lines of its story tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from libs.common.calls import called
from libs.common.configuration import known
from libs.common.events import Contact, LeadCaptured, Text
from libs.common.normal.page import normal_page
from services.desk.reading import visit
from services.desk.reading.answers import answers
from services.desk.reading.rows import Line
from services.desk.words import ACTORS, KINDS, said

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
_GIVEN: Final = Text("سکو محتوایش را داد", "The platform gave its content")
_NOT_GIVEN: Final = frozenset({"unreadable_at_platform", "expired_at_platform"})


def told(data: LeadCaptured, names: Names, at: datetime) -> Iterator[Line]:
    """That it came, once; the second revision says what the platform gave, at that moment.

    A name that follows is told of where it comes to its lead.
    """
    if data.revision == 1:
        yield _captured(data, names)
    elif data.source_kind not in known.NAMED:
        yield from _fetched(data, at)


def filled(template: Text, **values: str | Text) -> Text:
    """The sentence with its blanks filled in, each in its language."""
    fa = {n: v.fa if isinstance(v, Text) else v for n, v in values.items()}
    en = {n: v.en if isinstance(v, Text) else v for n, v in values.items()}
    return Text(template.fa.format(**fa), template.en.format(**en))


def _captured(data: LeadCaptured, names: Names) -> Line:
    template = _ARRIVED.get(data.kind, _OTHERWISE)
    if data.entered_by:
        template = _ENTERED.get(data.kind, template)
    who = names.get(data.entered_by or "") or said(ACTORS, data.entered_by)
    text = filled(template, source=data.source, kind=said(KINDS, data.kind), who=who)
    if data.kind == "call" and (call := called(data.extra)):
        text = Text(f"{call.fa} ({data.source})", f"{call.en} ({data.source})")
    page = data.attribution.page_url and normal_page(data.attribution.page_url)
    if page:
        text = Text(f"{text.fa}، در صفحهٔ {page}", f"{text.en}, on {page}")
    if visit.is_visit(data):
        text = visit.arrived(data, page)
    facts = {
        "source": data.source,
        "source_kind": data.source_kind,
        "page": page,
        "arrived": _arrived(data),
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


def _arrived(data: LeadCaptured) -> dict[str, str]:
    """What was filled in: ours first and as typed, then every other answer."""
    typed = {name: text for name, text in data.fields.items() if text.strip()}
    return {**typed, **answers(data.extra)}


def _fetched(data: LeadCaptured, at: datetime) -> Iterator[Line]:
    """A platform's lead came as an id; one that it does not give out is told where it is held."""
    if data.held in _NOT_GIVEN:
        return
    yield Line(
        "fetched",
        _GIVEN,
        at,
        10,
        submission_id=data.submission_id,
        data={"source": data.source, "arrived": _arrived(data)},
    )


def as_typed(data: LeadCaptured) -> Contact:
    """What is shown of a submission until enrichment has read it."""
    typed = data.fields
    name = typed.get("name") or " ".join(
        part for part in (typed.get("first_name"), typed.get("last_name")) if part
    )
    return Contact(
        name=name or None,
        phone_typed=typed.get("phone"),
        email_typed=typed.get("email"),
        company=typed.get("company"),
        message=typed.get("message"),
        language=typed.get("language"),
        consent=data.consent,
        extra=data.extra,
    )
