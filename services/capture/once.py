"""Under an idempotency key of ours: the first body counts, and a repeat hears the same."""

from __future__ import annotations

from libs.common.events import LeadCaptured, Text
from services.capture.call import Answer, Call
from services.capture.door import Door, received
from services.capture.keys import key_of, read_key
from services.capture.problems import Problem, unreadable
from services.capture.store import Used


def key_in(call: Call) -> str | None:
    """The Idempotency-Key of a call. Raises Problem(400) for one that is none."""
    try:
        return read_key(call.header(b"idempotency-key"))
    except ValueError as error:
        raise unreadable("Idempotency-Key باید ۱ تا ۲۵۵ نویسهٔ چاپی باشد.", f"{error}.") from error


async def take_once(door: Door, call: Call, lead: LeadCaptured, key: str) -> Answer:
    """Accept it, or answer as the first time. Raises Problem: 409 in work, 422 another body."""
    whose = lead.source if lead.kind == "api" else f"{lead.source}/{lead.kind}"
    stored_key = key_of(whose, key)
    if stored_key in door.keys.in_work:
        raise Problem(409, headers=((b"retry-after", b"1"),))
    door.keys.in_work.add(stored_key)
    try:
        used = await door.keys.used(stored_key)
        if used is not None and used.body_digest != lead.digest:
            raise Problem(
                422,
                Text(
                    "این Idempotency-Key پیش‌تر با محتوای دیگری به کار رفته است.",
                    "This Idempotency-Key was used with another body.",
                ),
            )
        if used is not None:
            return received(used.submission_id, "replicated" if used.replicated else "spooled")
        durability = await door.accept(door.event(call, lead))
        spool, sequence = door.intake.reached()
        replicated = durability == "replicated"
        used = Used(lead.digest, lead.submission_id, replicated, spool, sequence)
        await door.keys.keep(stored_key, used)
        return received(lead.submission_id, durability)
    finally:
        door.keys.in_work.discard(stored_key)
