"""`POST /v1/leads`: from server to server, with a key of ours and an idempotency key of theirs."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from uuid_utils.compat import uuid7

from libs.common.events import Attribution, LeadCaptured, Text, digest
from services.capture.attribution import FLAT, Origins, attributed
from services.capture.bodies import Unreadable, media_type, parse, plain
from services.capture.call import Answer, Call
from services.capture.door import Door, arrived_at, received, submission_id_of
from services.capture.keys import key_of, read_key
from services.capture.names import CONTACTS
from services.capture.problems import NO_CONTACT, Problem, unreadable, wrong_type
from services.capture.store import Used

TEXTS: Final = (
    "name", "first_name", "last_name", "phone", "email", "handle", "company", "message", "language",
)  # fmt: skip
_KNOWN: Final = frozenset({*TEXTS, *FLAT, "utm", "click_ids", "consent"})
_CONSENTS: Final = (type(None), bool, str, dict)


async def take_lead(door: Door, call: Call) -> Answer:
    """Prove, read, store, answer. Raises Problem."""
    scheme, _, token = call.headers.get(b"authorization", b"").partition(b" ")
    holder = door.directory().holder(token.strip()) if scheme.lower() == b"bearer" else None
    if holder is None:
        raise door.unproven(call)
    kind, _ = media_type(call.header(b"content-type"))
    if kind not in ("application/json", "text/plain", "") and not kind.endswith("+json"):
        raise Problem(415)
    try:
        key = read_key(call.header(b"idempotency-key"))
    except ValueError as error:
        raise unreadable("Idempotency-Key باید ۱ تا ۲۵۵ نویسهٔ چاپی باشد.", f"{error}.") from error
    raw = await call.body()
    source = holder.key
    lead = read_lead(door, call, raw, source, key)
    if key is None:
        return received(lead.submission_id, await door.accept(door.event(call, lead)))
    return await _once(door, call, lead, key)


async def _once(door: Door, call: Call, lead: LeadCaptured, key: str) -> Answer:
    """Under a key: the first body counts, a repeat hears the same, another body is refused."""
    stored_key = key_of(lead.source, key)
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


def read_lead(door: Door, call: Call, raw: bytes, source: str, key: str | None) -> LeadCaptured:
    """The body as an event. Raises Problem (400, 422)."""
    try:
        body, flags = parse(raw)
    except Unreadable as error:
        raise unreadable("بدنهٔ درخواست JSON نیست.", f"The body is unreadable: {error}.") from error
    if not isinstance(body, dict):
        raise unreadable("یک شیء JSON لازم است.", "A JSON object is expected.")
    fields = {name: _text(body, name).strip() for name in TEXTS}
    fields = {name: text for name, text in fields.items() if text}
    if not any(name in fields for name in CONTACTS):
        raise Problem(422, NO_CONTACT, fields=("phone", "email"))
    if type(body.get("consent")) not in _CONSENTS:
        raise wrong_type("consent")
    extra = {name: plain(value) for name, value in body.items() if name not in _KNOWN}
    attribution, rest = _attribution(body)
    extra |= rest
    if flags:
        extra["_repaired"] = sorted(flags)
    directory = door.directory()
    return LeadCaptured(
        submission_id=submission_id_of("api", source, key) if key else str(uuid7()),
        kind="api",
        source=source,
        source_kind="api",
        received_at=arrived_at(door.now()),
        digest=digest(raw),
        raw=raw,
        content_type="application/json",
        key_owner="ours" if key else "none",
        fields=fields,
        extra=extra,
        consent=plain(body.get("consent")),
        attribution=attribution,
        client=door.client(call),
        held="duplicate_keys" if "duplicate_keys" in flags else None,
        config_version=directory.version,
    )


def _attribution(body: dict[str, Any]) -> tuple[Attribution, dict[str, Any]]:
    """The same flat names that forms use, beside `utm` and `click_ids` as mappings.

    And a page that is none, as it was sent.
    """
    utm, clicks = _texts(body, "utm"), _texts(body, "click_ids")
    flat = {name: _text(body, name) for name in body if name in FLAT}
    flat |= clicks | {f"utm_{name.removeprefix('utm_')}": text for name, text in utm.items()}
    found, rest = attributed(flat, Origins())
    others = {name: text for name, text in clicks.items() if name not in found.click_ids}
    whole = msgspec.structs.replace(found, click_ids=found.click_ids | others)
    return whole, {name: rest[name] for name in rest if name == "page_url"}


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if type(value) is not str:
        raise wrong_type(name)
    return value


def _texts(body: dict[str, Any], name: str) -> dict[str, str]:
    value = body.get(name)
    if value is None:
        return {}
    if type(value) is not dict:
        raise wrong_type(name)
    for key, text in value.items():
        if text is not None and type(text) is not str:
            raise wrong_type(f"{name}.{key[:64]}")
    return {key: text for key, text in value.items() if text}
