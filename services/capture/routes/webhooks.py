"""`/v1/webhooks/{kind}/{key}`: prove on the raw bytes, store, answer as the platform expects."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

import structlog
from msgspec import structs
from uuid_utils import uuid7

from libs.common.bodies import plain
from libs.common.bodies.texts import header_text
from libs.common.configuration.schema import Source
from libs.common.events import Event, LeadCaptured, digest
from services.capture.calls.call import Answer, Call
from services.capture.calls.problems import Problem
from services.capture.door.door import Door, arrived_at, durable, submission_id_of
from services.capture.fetching.records import Part, withdrawal
from services.capture.publishing.publisher import Durability
from services.capture.reading.starting import started
from services.capture.replies.reply import address_for
from services.capture.sources import KINDS, Arrival, Kind, Knock
from services.capture.sources.arrival import Withdrawn, held_for_its_form, odd
from services.capture.sources.chats import day_of

_QUERY: Final = "application/x-www-form-urlencoded"
"""What a query is, kept where a body would be (https://url.spec.whatwg.org/#urlencoded-parsing)."""

_log = structlog.get_logger("capture")


async def take_webhook(door: Door, call: Call, name: str, key: str, tail: str) -> Answer:
    """Raises Problem: 404 for what is not configured, 401 or 403 for a wrong proof."""
    kind = KINDS.get(name)
    source = door.directory().source(name, key)
    if kind is None or source is None:
        raise Problem(404)
    if call.method == "HEAD":  # some platforms look first whether anybody is there
        return Answer(200)
    if call.method not in kind.methods:
        raise _not_so(kind)
    knock = Knock(
        call.method,
        call.path,
        call.scope.get("query_string", b""),
        call.headers,
        await call.body(),
        tail,
        _asked(door, call),
    )
    if call.method == "GET" and not kind.calls_by_get:
        return _greeted(door, call, kind, knock, source)
    if call.method == "OPTIONS":
        return _permitted(kind, knock)
    if not kind.prove(knock, source, door.now()):
        return _refused(kind, door.unproven(call))
    door.spoken.overhear(kind, knock, source)
    durability = await _stored(door, call, knock, source)
    answer = kind.answering(knock, source)
    return answer._replace(headers=(*answer.headers, *durable(durability)))


def _asked(door: Door, call: Call) -> str:
    """The URL that was called, by the address that the installation has outside."""
    base = (
        door.settings.public_url.rstrip("/") or f"{call.scope['scheme']}://{call.header(b'host')}"
    )
    path = call.scope.get("raw_path") or call.path.encode("utf-8", "surrogatepass")
    query = call.scope.get("query_string", b"")
    return base + (path + (b"?" + query if query else b"")).decode("latin-1")


def _greeted(door: Door, call: Call, kind: Kind, knock: Knock, source: Source) -> Answer:
    """The answer to a handshake. Nothing is stored, and nothing is asked of anybody."""
    answer = kind.handshake(knock, source) if kind.handshake else None
    if answer is not None:
        return answer
    problem = door.unproven(call)
    limited = problem.status == HTTPStatus.TOO_MANY_REQUESTS
    raise problem if limited else Problem(HTTPStatus.FORBIDDEN)


def _permitted(kind: Kind, knock: Knock) -> Answer:
    """The answer to who asks whether it may send. An OPTIONS that asks for nothing is none."""
    answer = kind.permission(knock) if kind.permission else None
    if answer is None:
        raise _not_so(kind)
    return answer


def _not_so(kind: Kind) -> Problem:
    return Problem(405, headers=((b"allow", ", ".join(kind.methods).encode()),))


def _refused(kind: Kind, problem: Problem) -> Answer:
    if kind.refusal is None:
        raise problem
    return kind.refusal(problem.status)._replace(headers=problem.headers)


async def _stored(door: Door, call: Call, knock: Knock, source: Source) -> Durability:
    """All that arrived, written together: one wait for the disk, however many there are."""
    events = _events(door, call, knock, source)
    stored = await asyncio.gather(*(door.accept(e) for e in events), return_exceptions=True)
    durability: Durability = "replicated"
    for each in stored:
        if isinstance(each, BaseException):
            raise each
        if each == "spooled":
            durability = "spooled"
    return durability


def _events(door: Door, call: Call, knock: Knock, source: Source) -> list[Event]:
    """What arrived. A bug of a kind loses nothing: what its sender sends once is held, whole."""
    try:
        arrivals = KINDS[source.kind].parse(knock, source)
        return [_event(door, call, knock, source, each) for each in arrivals]
    except Exception as bug:  # its text may be a lead's
        _log.error("webhook.bug", kind=source.kind, error=type(bug).__name__)
        return [_event(door, call, knock, source, odd(knock.said))]


def _event(
    door: Door, call: Call, knock: Knock, source: Source, each: Arrival | Withdrawn
) -> Event:
    if isinstance(each, Withdrawn):
        return door.event(call, withdrawn_of(door, source, each))
    return door.event(call, captured_of(door, call, knock, source, each))


def withdrawn_of(door: Door, source: Source, withdrawn: Withdrawn) -> LeadCaptured:
    """The word that a submission is taken back; every repeat of it is the same event."""
    own = submission_id_of(source.kind, source.key, withdrawn.key)
    part = Part(own, source.kind, source.key, withdrawn.at)
    at = arrived_at(door.now())
    return withdrawal(part, KINDS[source.kind].submits, at, door.directory().version)


def captured_of(
    door: Door, call: Call, knock: Knock, source: Source, arrival: Arrival
) -> LeadCaptured:
    """What a call brought, as an event."""
    kind = KINDS[source.kind]
    if kind.repeats and not arrival.key:
        key = kind.repeats(knock, arrival)
        arrival = arrival._replace(key=key, again_after=kind.again_after)
    type_of_body = header_text(knock.headers.get(b"content-type"), 256) or ""
    return structs.replace(
        arrived(door, source, arrival),
        raw=knock.said if arrival.raw is None else arrival.raw,
        content_type=_QUERY if knock.method == "GET" else type_of_body,
        client=door.client(call),
    )


def arrived(door: Door, source: Source, arrival: Arrival) -> LeadCaptured:
    """What arrived, whichever way it came."""
    own = submission_id_of(source.kind, source.key, arrival.key) if arrival.key else None
    directory, at = door.directory(), arrived_at(door.now())
    talk = day_of(arrival, directory.content.organisation.time_zone)
    whole = submission_id_of(source.kind, source.key, talk) if talk else own
    message = own if talk else None
    if arrival.again_after:
        message = submission_id_of(source.kind, source.key, f"{arrival.key} {at.isoformat()}")
    return LeadCaptured(
        submission_id=whole or str(uuid7()),
        kind="activity" if arrival.activity else arrival.submits or KINDS[source.kind].submits,
        source=source.key,
        source_kind=source.kind,
        received_at=at,
        digest=digest(_said_in(message, talk, arrival)),
        raw=arrival.raw or b"",
        content_type="application/json",
        key_owner="platform" if arrival.key else "none",
        region=source.region,
        fields=plain(dict(arrival.fields)),
        extra=plain(dict(arrival.extra)),
        consent=plain(arrival.consent),
        attribution=started(arrival.attribution, arrival.start, directory.qr),
        held=arrival.held or held_for_its_form(arrival, source),
        test=arrival.test,
        hydrate=arrival.hydrate,
        platform_id=arrival.key if arrival.hydrate else arrival.stranger,
        occurred_at=arrival.occurred_at,
        proven=arrival.proven if source.secret else (),
        candidates=dict(arrival.candidates),
        activity=arrival.activity,
        config_version=directory.version,
        reply=address_for(arrival, source),
        nickname=arrival.nickname,
        message=message,
        again_after=arrival.again_after,
    )


def _said_in(message: str | None, conversation: str | None, arrival: Arrival) -> bytes:
    """What tells it from others under its submission's id: equal words are two messages."""
    if message is None or arrival.key is None:
        return arrival.content
    whose = arrival.key if conversation else message
    return whose.encode("utf-8", "surrogatepass") + b"\n" + arrival.content
