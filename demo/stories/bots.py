"""Programs that fill in every field they see: held for review, never dropped."""

from __future__ import annotations

from random import Random

from demo.people import invent
from demo.sending import Sender
from demo.stories.forms import filled


async def bot(sender: Sender, draw: Random, name: str) -> None:
    """One that falls for the hidden field, or is too fast, or fails the captcha."""
    form, fields = filled(sender, draw, invent(draw))
    tricks = [{"cf-turnstile-response": ""}]
    if form.honeypot:
        tricks.append({form.honeypot: "https://spam.example"})
    if form.elapsed:
        tricks.append({form.elapsed: str(draw.randrange(1, 500))})
    fields |= draw.choice(tricks)
    submission = await sender.form(form.key, headers={"idempotency-key": name}, data=fields)
    sender.note("bot", submission, "quarantined", reason="suspected_bot")
