"""`POST /v1/leads`: from server to server, with a key of ours and an idempotency key of theirs."""

from __future__ import annotations

from typing import Any, Final

from uuid_utils import uuid7

from libs.common.bodies import Unreadable, media_type, parse, plain
from libs.common.events import LeadCaptured, digest
from libs.common.normal.names import CONTACTS
from services.capture.calls.call import Answer, Call
from services.capture.calls.problems import NO_CONTACT, Problem, unreadable, wrong_type
from services.capture.door.door import Door, arrived_at, received, submission_id_of
from services.capture.door.once import key_in, take_once
from services.capture.reading.attribution import FLAT, Origins
from services.capture.reading.objects import attribution_in, text_in

TEXTS: Final = (
    "name", "first_name", "last_name", "phone", "email", "handle", "company", "message", "language",
)  # fmt: skip
_TEXTS: Final = frozenset(TEXTS)
_ELSEWHERE: Final = frozenset({*FLAT, "utm", "click_ids", "consent"})
_CONSENTS: Final = (type(None), bool, str, dict)


async def take_lead(door: Door, call: Call) -> Answer:
    """Prove, read, store, answer. Raises Problem."""
    holder = door.holder(call)
    if holder is None:
        raise door.unproven(call)
    kind, _ = media_type(call.header(b"content-type"))
    if kind not in ("application/json", "text/plain", "") and not kind.endswith("+json"):
        raise Problem(415)
    key = key_in(call)
    raw = await call.body()
    source = holder.key
    lead = read_lead(door, call, raw, source, key)
    if key is None:
        return received(lead.submission_id, await door.accept(door.event(call, lead)))
    return await take_once(door, call, lead, key)


def read_lead(door: Door, call: Call, raw: bytes, source: str, key: str | None) -> LeadCaptured:
    """The body as an event. Raises Problem (400, 422)."""
    try:
        body, flags = parse(raw)
    except Unreadable as error:
        raise unreadable("بدنهٔ درخواست JSON نیست.", f"The body is unreadable: {error}.") from error
    if not isinstance(body, dict):
        raise unreadable("یک شیء JSON لازم است.", "A JSON object is expected.")
    fields, extra = _sorted(body)
    if not any(name in fields for name in CONTACTS):
        raise Problem(422, NO_CONTACT, fields=("phone", "email"))
    if type(body.get("consent")) not in _CONSENTS:
        raise wrong_type("consent")
    attribution, rest = attribution_in(body, Origins())
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


def _sorted(body: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """Our texts that are filled, and what is neither ours nor read elsewhere. Raises Problem."""
    fields: dict[str, str] = {}
    extra: dict[str, Any] = {}
    for name, value in body.items():
        if name in _TEXTS:
            text = value.strip() if type(value) is str else text_in(body, name)
            if text:
                fields[name] = text
        elif name not in _ELSEWHERE:
            extra[name] = value if type(value) is str else plain(value)
    return fields, extra
