"""Visitors who fill in a form."""

from __future__ import annotations

from random import Random
from typing import Any

from demo.people import Person, invent, spellings
from demo.sending import Sender
from libs.common.configuration.schema import Form


def filled(
    sender: Sender, draw: Random, person: Person, **more: str
) -> tuple[Form, dict[str, Any]]:
    """A form and what an honest visitor sends with it, by the names that the form uses."""
    form = draw.choice(sender.firm.forms)
    ours = {
        "name": person.name,
        "phone": person.phone,
        "company": person.company,
        "message": person.message,
    }
    if draw.choice((True, True, False)):
        ours["email"] = person.email
    if not isinstance(form.required, str):
        ours = {**dict.fromkeys(form.required, "-"), "email": person.email, **ours}
    fields = {form.fields.get(name, name): value for name, value in ours.items() if value}
    if form.elapsed:
        fields[form.elapsed] = str(draw.randrange(4_000, 90_000))
    fields["page_url"] = draw.choice(sender.firm.pages) + draw.choice(
        ("", "?utm_source=google&utm_medium=cpc&utm_campaign=spring", "?utm_source=newsletter")
    )
    return form, fields | more


async def urlencoded(sender: Sender, draw: Random, name: str) -> None:
    """As a page without a script sends it."""
    form, fields = filled(sender, draw, invent(draw))
    key = {"idempotency-key": name}
    sender.note("form, urlencoded", await sender.form(form.key, headers=key, data=fields))


async def multipart(sender: Sender, draw: Random, name: str) -> None:
    """As a form that could carry files sends it."""
    form, fields = filled(sender, draw, invent(draw))
    parts = {field: (None, str(value).encode()) for field, value in fields.items()}
    key = {"idempotency-key": name}
    sender.note("form, multipart", await sender.form(form.key, headers=key, files=parts))


async def as_json(sender: Sender, draw: Random, name: str) -> None:
    """As a page's script sends it."""
    form, fields = filled(sender, draw, invent(draw))
    key = {"idempotency-key": name}
    sender.note("form, JSON", await sender.form(form.key, headers=key, json=fields))


async def twice(sender: Sender, draw: Random, name: str) -> None:
    """An impatient visitor: the same post once more counts once."""
    form, fields = filled(sender, draw, invent(draw))
    key = {"idempotency-key": name}
    first = await sender.form(form.key, headers=key, data=fields)
    again = await sender.form(form.key, headers=key, data=fields)
    sender.note("form, clicked twice", first)
    if again != first:
        sender.note("form, clicked twice", again, ends="the same submission as before")


async def six_spellings(sender: Sender, draw: Random, name: str) -> None:
    """One person whose number is typed in six ways: one lead, told once."""
    person = invent(draw)
    form, fields = filled(sender, draw, person)
    fields.pop(form.fields.get("email", "email"), None)
    for number, phone in enumerate(spellings(person.phone)):
        fields[form.fields.get("phone", "phone")] = phone
        key = {"idempotency-key": f"{name}-{number}"}
        submission = await sender.form(form.key, headers=key, data=fields)
        ends = "duplicate" if number else "notified"
        sender.note("form, one person six times", submission, ends, group=name)


async def bad_phone(sender: Sender, draw: Random, name: str) -> None:
    """A number with digits missing and nothing else: kept, for a human to look at."""
    person = invent(draw)
    form, fields = filled(sender, draw, person._replace(phone=person.phone[:5]))
    fields.pop(form.fields.get("email", "email"), None)
    submission = await sender.form(form.key, headers={"idempotency-key": name}, data=fields)
    sender.note("form, bad phone", submission, "quarantined", reason="unusable_contact")
