"""Under an idempotency key of ours: the first body counts, and a repeat hears the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from libs.common.events import LeadCaptured, Text
from services.capture.calls.call import Answer, Call
from services.capture.calls.idempotency import read_key
from services.capture.calls.problems import Problem, unreadable
from services.capture.door.door import Door, received
from services.capture.door.keys import key_of
from services.capture.publishing.publisher import Durability
from services.capture.store import Key, Used


def key_in(call: Call) -> str | None:
    """The Idempotency-Key of a call. Raises Problem(400) for one that is none."""
    try:
        return read_key(call.header(b"idempotency-key"))
    except ValueError as error:
        raise unreadable("Idempotency-Key باید ۱ تا ۲۵۵ نویسهٔ چاپی باشد.", f"{error}.") from error


async def take_once(door: Door, call: Call, lead: LeadCaptured, key: str) -> Answer:
    """Accept it, or answer as the first time. Raises Problem: 409 in work, 422 another body."""
    whose = lead.source if lead.kind == "api" else f"{lead.source}/{lead.kind}"

    async def take() -> Durability:
        return await door.accept(door.event(call, lead))

    submission_id, durability = await once(
        door, key_of(whose, key), (lead.digest, lead.submission_id), take
    )
    return received(submission_id, durability)


async def once(
    door: Door, key: Key, what: tuple[str, str], take: Callable[[], Awaitable[Durability]]
) -> tuple[str, Durability]:
    """Take what comes under a key, or tell what was taken first, and how safe it is.

    `what` is the body's digest and the submission's id, of several the first's. Raises Problem:
    409 in work, 422 another body.
    """
    body_digest, submission_id = what
    if key in door.keys.in_work:
        raise Problem(409, headers=((b"retry-after", b"1"),))
    door.keys.in_work.add(key)
    try:
        used = await door.keys.used(key)
        if used is not None and used.body_digest != body_digest:
            raise Problem(422, _OTHER_BODY)
        if used is not None:
            return used.submission_id, "replicated" if used.replicated else "spooled"
        durability = await take()
        spool, sequence = door.intake.reached()
        replicated = durability == "replicated"
        await door.keys.keep(key, Used(body_digest, submission_id, replicated, spool, sequence))
        return submission_id, durability
    finally:
        door.keys.in_work.discard(key)


_OTHER_BODY: Final = Text(
    "این Idempotency-Key پیش‌تر با محتوای دیگری به کار رفته است.",
    "This Idempotency-Key was used with another body.",
)
