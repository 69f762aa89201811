"""A message as an e-mail: its head, its plain text, and HTML that old clients can draw."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import phonenumbers

from libs.common.mailto import mailto
from services.routing.channels.wording import ACTIONS, LABELS, Facts, facts, line, opening
from services.routing.messages.message import Message

if TYPE_CHECKING:
    import jinja2

_COLOURS: Final = {
    "cold": "background:#e8effb;color:#2456a6;",
    "warm": "background:#fdf0da;color:#8a5200;",
    "hot": "background:#fdeae8;color:#b3261e;",
}
_NOTES: Final = {
    "fa": "دکمه‌ها صفحه‌ای باز می‌کنند که کار با تأیید شما در آن انجام می‌شود.",
    "en": "The buttons open a page; nothing is done until you confirm it there.",
}
_UNSENDABLE: Final = re.compile(r"[^\x21-\x7e]")
_POLICY: Final = SMTP.clone(max_line_length=200)


@cache
def _template() -> jinja2.Template:
    import jinja2  # noqa: PLC0415 - for firms that send mail

    made = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.from_string((Path(__file__).parent / "letter.html").read_text(encoding="utf-8"))


class BadAddress(ValueError):
    """An address that no mail can go to."""


def letter(message: Message, to: str, sender: str) -> EmailMessage:
    """The e-mail; the same Message-ID at every attempt. Raises BadAddress."""
    found = facts(message)
    origin = address(sender)
    mail = EmailMessage(_POLICY)
    mail["From"] = origin
    mail["To"] = address(to)
    mail["Subject"] = subject(found)
    mail["Date"] = format_datetime(message.planned_at)
    mail["Message-ID"] = f"<{message.id}@{origin.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = message.language
    mail.set_content(plain(message, found), cte="base64")
    mail.add_alternative(drawn(message, found), subtype="html", cte="base64")
    return mail


def address(written: str) -> Address:
    """`a@b.example` or `Name <a@b.example>`. Raises BadAddress."""
    name, bare = parseaddr(written)
    local, _, domain = bare.rpartition("@")
    if not local or not domain or _UNSENDABLE.search(local):
        raise BadAddress
    try:
        return Address(name, local, domain.encode("idna").decode("ascii"))
    except (UnicodeError, ValueError, IndexError) as error:
        raise BadAddress from error


def subject(found: Facts) -> str:
    """Who, and from which page; one line whatever the visitor typed."""
    page = f" · {found.page}" if found.page else ""
    return line(f"{found.heading}: {found.name}{page}", "page")


def plain(message: Message, found: Facts) -> str:
    """The e-mail for whoever reads text."""
    language = message.language
    lines = [f"{found.heading}: {found.name}", found.status, found.deadline, "", found.want, ""]
    lines += [
        f"{LABELS[name].of(language)}: \u2068{value}\u2069"
        for name, value, _href, _latin in _rows(found)
    ]
    if found.readiness:
        lines += [f"{LABELS['readiness'].of(language)}: {found.readiness}"]
    lines += ["", message.act_url]
    if message.act_url and message.is_of_a_lead:
        lines += [_NOTES[language]]
    text = "\n".join(lines).strip()
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return f"{text}\n"


def drawn(message: Message, found: Facts) -> str:
    """The e-mail as HTML: tables, no picture, nothing from elsewhere."""
    language = message.language
    temperature = message.temperature if message.temperature in _COLOURS else "cold"
    return _template().render(
        language=language,
        direction="rtl" if language == "fa" else "ltr",
        subject=subject(found),
        preview=" · ".join(part for part in (found.deadline, found.want[:120]) if part),
        organisation=line(message.organisation, "name"),
        found=found,
        wants=found.want.split("\n") if found.want else [],
        temperature=temperature,
        colours=_COLOURS,
        labels=_labels(language),
        rows=_rows(found),
        buttons=_buttons(message),
        act_url=message.act_url,
        url=message.url if message.is_of_a_lead else "",
        note=_NOTES[language] if message.is_of_a_lead else "",
    )


def _labels(language: str) -> dict[str, str]:
    return {name: said.of(language) for name, said in {**LABELS, **ACTIONS}.items()}


def _buttons(message: Message) -> list[tuple[str, str, str]]:
    """Each leads to its part of the page; to accept is what most will do."""
    found = [
        (f"#{offer}", ACTIONS[offer].of(message.language), "main" if not place else "quiet")
        for place, offer in enumerate(message.standing.offers)
    ]
    return found or [("", opening(message), "main")]


def _rows(found: Facts) -> list[tuple[str, str, str, bool]]:
    """(label, value, link, whether it has a direction of its own)."""
    rows: list[Any] = [
        ("phone", telephone(found.phone), f"tel:{found.phone}", True),
        ("email", found.email, mailto(found.email), True),
        ("company", found.company, "", True),
        ("page", found.page, "", True),
        ("why", found.why, "", False),
    ]
    return [row for row in rows if row[1]]


def telephone(number: str) -> str:
    """An E.164 number in groups, as people read it out."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
