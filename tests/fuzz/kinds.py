"""What a stranger's bytes meet at each kind of webhook, begun with its recorded calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

import msgspec

from libs.common.bodies import plain
from libs.common.configuration.schema import Source
from services.capture.sources import KINDS, Knock
from services.capture.sources.arrival import Withdrawn
from services.capture.sources.chats import day_of
from services.capture.sources.fetch import Further, Item, Reply
from tests.fuzz.fitness import fit
from tests.unit.capture.sources.recorded import Recorded, recorded

NOW: Final = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SECRET: Final = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
_BY_HAND: Final[Mapping[str, tuple[bytes, ...]]] = {
    "standard": (b"webhook-id", b"webhook-timestamp", b"webhook-signature"),
    "meta": (b"x-hub-signature-256",),
    "google-ads": (b"x-lead-token",),
    "telegram": (b"x-telegram-bot-api-secret-token",),
    "json": (b"x-lead-token", b"idempotency-key"),
}
_MOST_FURTHER: Final = 3


def _calls() -> Mapping[str, list[Recorded]]:
    found: dict[str, list[Recorded]] = defaultdict(list)
    for call in recorded():
        found[call.kind.kind].append(call)
    return found


_CALLS: Final = _calls()
HEADERS: Final[Mapping[str, tuple[bytes, ...]]] = {
    **{
        kind: tuple(sorted({name for call in _CALLS[kind] for name in call.knock.headers}))
        for kind in KINDS
    },
    **_BY_HAND,
}
"""What a call of a kind may carry, in the order of a harness's lines."""


def _configured(kind: str) -> Source:
    calls = _CALLS.get(kind, [])
    known = {
        name: text for call in calls for name, text in call.about.get("configured", {}).items()
    }
    secret = (calls[0].about.get("secret") if calls else None) or SECRET
    return Source.model_validate(
        {"secret": secret, "verify_token": "v", "fields": {"phone": "a.b"}, **known}
        | {"key": "k", "kind": kind}
    )


def source(data: bytes, kind: str) -> None:
    """Lines of the query, the path's tail and the headers, and the body behind an empty one."""
    head, _, content = data.partition(b"\n\n")
    query, tail, *values = [*head.split(b"\n"), b"", b""]
    path = f"/v1/webhooks/{kind}/k"
    configured, spoken = _SOURCES[kind], KINDS[kind]
    knock = Knock(
        "GET" if spoken.calls_by_get and not content else "POST",
        path,
        query,
        dict(zip(HEADERS[kind], values, strict=False)),
        content,
        tail.decode("utf-8", "surrogateescape"),
        f"https://leads.nil.example{path}?{query.decode('latin-1')}",
    )
    assert spoken.prove(knock, configured, NOW.timestamp()) in (True, False)
    if spoken.handshake:
        spoken.handshake(knock, configured)
    spoken.answering(knock, configured)
    for arrival in spoken.parse(knock, configured):
        if isinstance(arrival, Withdrawn):
            continue
        fit(plain(dict(arrival.fields)))
        fit(plain(dict(arrival.extra)))
        fit(plain(arrival.consent))
        fit(msgspec.to_builtins(arrival.attribution))
        day_of(arrival, "Asia/Tehran")
    if spoken.fetch:
        reply = Reply(len(query) or 200, {}, content)
        found = spoken.fetch.read(Item("1290384756102938"), configured, reply)
        for _ in range(_MOST_FURTHER):
            if isinstance(found, Further):
                found = found.read(reply)


def calls(kind: str) -> Iterator[bytes]:
    """The recorded calls of a kind, as its harness reads them."""
    for call in _CALLS.get(kind, []):
        knock = call.knock
        values = [knock.headers.get(name, b"") for name in HEADERS[kind]]
        lines = [knock.query, knock.tail.encode("utf-8", "surrogateescape"), *values]
        yield b"\n".join(lines) + b"\n\n" + knock.body


_SOURCES: Final = {kind: _configured(kind) for kind in KINDS}
HARNESSES: Final[Mapping[str, Callable[[bytes], None]]] = {
    kind: partial(source, kind=kind) for kind in KINDS
}
