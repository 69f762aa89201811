"""What every channel says of a lead, in the reader's language; how it looks is the channel's."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from libs.common.calls import called
from libs.common.events import Text
from libs.common.normal.text import clean, persian
from services.routing.messages.message import Message
from services.routing.moments import jalali

HEADINGS: Final = {
    "assigned": Text("سرنخ تازه", "New lead"),
    "touched": Text("سرنخ دوباره آمد", "A lead is back"),
    "reminder": Text("یادآوری", "Reminder"),
    "escalation": Text("سرنخ بی‌پاسخ", "Unanswered lead"),
    "merged": Text("سرنخ پیوست", "Lead joined"),
    "listed": Text("سرنخ‌های یک فهرست", "Leads of a list"),
    "listed_unheard": Text("خبر یک فهرست شاید نرسیده", "A list may be unheard of"),
    "token_expiring": Text("رمز یک منبع رو به پایان است", "A source's token is about to end"),
    "source_paused": Text("یک منبع ایستاده", "A source stands still"),
    "source_silent": Text("یک منبع ساکت شده", "A source has gone quiet"),
    "source_heard_again": Text("یک منبع دوباره به کار افتاده", "A source is heard again"),
    "unheard": Text("خبر سرنخ شاید نرسیده", "A lead may be unheard of"),
}
_TEMPERATURES: Final = {
    "cold": Text("سرد", "cold"),
    "warm": Text("گرم", "warm"),
    "hot": Text("داغ", "hot"),
}
SOMEBODY: Final = Text("بی‌نام", "No name given")
LABELS: Final = {
    "want": Text("چه می‌خواهد", "What they want"),
    "phone": Text("تلفن", "Phone"),
    "email": Text("ایمیل", "E-mail"),
    "company": Text("شرکت", "Company"),
    "page": Text("از صفحهٔ", "From the page"),
    "readiness": Text("آمادگی", "How ready"),
    "why": Text("چرا شما", "Why you"),
}
ACTIONS: Final = {
    "accept": Text("می‌پذیرم", "Accept"),
    "contacted": Text("تماس گرفتم", "Contacted"),
    "decline": Text("نمی‌پذیرم", "Decline"),
    "open": Text("دیدن سرنخ", "Open"),
    "open_all": Text("دیدن سرنخ‌ها", "See the leads"),
    "open_source": Text("دیدن منبع", "See the source"),
    "back": Text("برگشت", "Back"),
}
REASONS: Final = {
    "busy": Text("سرم شلوغ است", "I am busy"),
    "field": Text("در حوزهٔ من نیست", "Not my field"),
    "number": Text("شماره اشتباه است", "Wrong number"),
    "spam": Text("هرزنامه است", "Spam"),
    "other": Text("دلیل دیگر", "Another reason"),
}
"""Why a lead is declined, picked from a short list."""

_LONGEST: Final = {"name": 120, "list": 100, "want": 900, "company": 120, "page": 160, "why": 300}
"""Characters. Together, each told twice over, they fit into a bot's message of 4,096."""
_SPACE: Final = re.compile(r"\s+")
_BLANK_LINES: Final = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_TURNING: Final = re.compile("[\u061c\u200e\u200f\u2028\u2029]")


class Facts(NamedTuple):
    """A lead in words. What a visitor typed is cleaned and cut, and never markup."""

    heading: str
    name: str
    want: str
    phone: str
    email: str
    company: str
    page: str
    readiness: str
    why: str
    deadline: str
    status: str


def facts(message: Message) -> Facts:
    """What there is to say; an empty text where nothing is known."""
    language, contact = message.language, message.contact
    status, call = message.standing.text, called(contact.extra)
    return Facts(
        heading=heading(message),
        name=_of_several(message) or line(contact.name, "name") or SOMEBODY.of(language),
        want=paragraph("\n".join((call.of(language) if call else "", contact.message or ""))),
        phone=contact.phone or "",
        email=line(contact.email, "name"),
        company=line(contact.company, "company"),
        page=line(message.page, "page"),
        readiness=_readiness(message) if message.is_of_a_lead else "",
        why=line(message.why.of(language), "why"),
        deadline=_deadline(message),
        status=status.of(language) if status else "",
    )


def heading(message: Message) -> str:
    """What it is about, in two or three words."""
    return HEADINGS.get(message.topic or message.kind, HEADINGS["assigned"]).of(message.language)


def opening(message: Message) -> str:
    """What is written on the button that leads to the desk."""
    which = "open_source" if message.of_source else "open_all" if message.bundle else "open"
    return ACTIONS[which].of(message.language)


def _of_several(message: Message) -> str:
    """How many leads of which list, of a summary; what is the matter with which source."""
    if message.of_source:
        return line(message.of_source.text.of(message.language), "why")
    if message.bundle is None:
        return ""
    count, name = message.bundle.leads, line(message.bundle.name, "list")
    if message.language == "fa":
        return f"{persian(count)} سرنخ از فهرست «{name}»"
    return f"{count} {'lead' if count == 1 else 'leads'} of the list “{name}”"


def _readiness(message: Message) -> str:
    known = _TEMPERATURES.get(message.temperature)
    if message.language == "fa":
        score = persian(message.score)
        return f"{known.fa}، امتیاز {score}" if known else f"امتیاز {score}"
    return f"{known.en}, score {message.score}" if known else f"score {message.score}"


def _deadline(message: Message) -> str:
    if message.accept_by is None or not message.standing.offers:
        return ""
    zone = ZoneInfo(message.zone)
    due, planned = message.accept_by.astimezone(zone), message.planned_at.astimezone(zone)
    if message.language == "fa":
        day = "" if due.date() == planned.date() else f"{jalali(due)} ساعت "
        return f"تا {day}{persian(f'{due:%H:%M}')} بپذیرید"
    day = "" if due.date() == planned.date() else f" on {due:%A} {due.day} {due:%B}"
    return f"Accept by {due:%H:%M}{day}"


def line(text: str | None, kind: str) -> str:
    """One line of bounded length, without what controls or turns round its surroundings."""
    return _cut(_SPACE.sub(" ", _TURNING.sub(" ", clean(text or ""))).strip(), _LONGEST[kind])


def paragraph(text: str | None) -> str:
    """What somebody wrote, with its lines."""
    kept = _TURNING.sub(" ", clean(text or "")).replace("\t", " ").strip()
    return _cut(_BLANK_LINES.sub("\n", kept), _LONGEST["want"])


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
