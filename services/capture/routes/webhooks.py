"""`/v1/webhooks/{kind}/{key}`: prove on the raw bytes, store, answer as the platform expects."""

from __future__ import annotations

from uuid_utils.compat import uuid7

from libs.common.configuration.schema import Source
from libs.common.events import LeadCaptured, digest
from services.capture.bodies import plain
from services.capture.call import Answer, Call
from services.capture.door import Door, arrived_at, durable, submission_id_of
from services.capture.problems import Problem
from services.capture.publisher import Durability
from services.capture.sources import KINDS, Arrival, Knock
from services.capture.texts import header_text


async def take_webhook(door: Door, call: Call, name: str, key: str, tail: str) -> Answer:
    """Raises Problem: 404 for what is not configured, 401 for a wrong proof."""
    kind = KINDS.get(name)
    source = door.directory().source(name, key)
    if kind is None or source is None or (tail and not kind.takes_tail):
        raise Problem(404)
    if call.method not in kind.methods:
        raise Problem(405, headers=((b"allow", ", ".join(kind.methods).encode()),))
    knock = Knock(
        call.method,
        call.path,
        call.scope.get("query_string", b""),
        call.headers,
        await call.body(),
        tail,
    )
    if not kind.prove(knock, source, door.now()):
        raise door.unproven(call)
    durability: Durability = "replicated"
    for arrival in kind.parse(knock, source):
        captured = captured_of(door, call, knock, source, arrival)
        if await door.accept(door.event(call, captured)) == "spooled":
            durability = "spooled"
    answer = kind.answer(knock, source)
    return answer._replace(headers=(*answer.headers, *durable(durability)))


def captured_of(
    door: Door, call: Call, knock: Knock, source: Source, arrival: Arrival
) -> LeadCaptured:
    """What arrived, as an event."""
    own = arrival.key and submission_id_of(source.kind, source.key, arrival.key)
    return LeadCaptured(
        submission_id=own or str(uuid7()),
        kind="webhook",
        source=source.key,
        source_kind=source.kind,
        received_at=arrived_at(door.now()),
        digest=digest(arrival.content),
        raw=knock.body,
        content_type=header_text(knock.headers.get(b"content-type"), 256) or "",
        key_owner="platform" if arrival.key else "none",
        region=source.region,
        fields=dict(arrival.fields),
        extra=plain(dict(arrival.extra)),
        consent=plain(arrival.consent),
        attribution=arrival.attribution,
        client=door.client(call),
        held=arrival.held,
        test=arrival.test,
        config_version=door.directory().version,
    )
