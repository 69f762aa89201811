"""CloudEvents 1.0 over HTTP, of senders that sign by Standard Webhooks.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
The signature covers the body, so in binary mode not the attributes, which are headers. Who asks
first whether it may send is told so, by the web hook document's section 4 (its version 1.0.2):
https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

from libs.common.bodies import Unreadable, media_type, parse, reader_of
from libs.common.bodies.texts import repaired
from libs.common.configuration.schema import Source
from services.capture.calls.call import Answer
from services.capture.sources.arrival import UNEXPECTED, Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.standard import lead_of, prove
from services.capture.sources.values import canonical, mapping, of_iso

MOST: Final = 1000
"""Events in a batch; one with more is held whole."""
_STRUCTURED: Final = "application/cloudevents"
_BATCH: Final = "application/cloudevents-batch"
_HEADER: Final = b"ce-"
_VERSION: Final = "1.0"
_REQUIRED: Final = ("source", "id", "type")
_CONTENT: Final = frozenset({"data", "data_base64", "specversion", "time", "datacontenttype"})
_QUOTED: Final = re.compile(r'"(.*)"', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_SYSTEM: Final = re.compile(rb"[0-9A-Za-z*](?:[0-9A-Za-z._*-]{0,252}[0-9A-Za-z])?")
"""A DNS expression, as the one that asks calls itself: nothing else is put into an answer."""


def permit(knock: Knock) -> Answer | None:
    """That the system that asks may send here, as often as it likes: every call proves itself.

    A `WebHook-Request-Callback` is left alone, for the answer itself says so.
    """
    asked = knock.headers.get(b"webhook-request-origin", b"").strip()
    if not _SYSTEM.fullmatch(asked):
        return None
    allowed = ((b"webhook-allowed-origin", asked), (b"webhook-allowed-rate", b"*"))
    return Answer(200, headers=((b"allow", b"POST, OPTIONS"), *allowed))


def parse_events(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission for each event, under its source and id, which name it for ever."""
    header = knock.headers.get(b"content-type", b"").decode("latin-1")
    kind, _ = media_type(header)
    if not kind.startswith(_STRUCTURED):
        binary = any(name.startswith(_HEADER) for name in knock.headers)
        if binary:
            return [_arrival(*_binary(knock, header), knock.body, source)]
    try:
        body, flags = parse(knock.body)
    except Unreadable:
        return [odd(knock.body)]
    if not kind.startswith(_BATCH):
        return [_arrival(mapping(body), flags, knock.body, source)]
    if not isinstance(body, list) or len(body) > MOST:
        return [odd(knock.body)]
    return list(_each_once(_arrival(mapping(e), flags, canonical(e), source) for e in body))


def _each_once(arrivals: Iterator[Arrival]) -> Iterator[Arrival]:
    known: set[str | None] = set()
    for arrival in arrivals:
        if arrival.key not in known:
            known.add(arrival.key)
            yield arrival


def _arrival(event: dict[str, Any], flags: frozenset[str], raw: bytes, source: Source) -> Arrival:
    """An event's data as a message of `standard`; what is no event of ours is held."""
    required = [event.get(name) for name in _REQUIRED]
    if event.get("specversion") != _VERSION or not all(isinstance(v, str) and v for v in required):
        return odd(raw, raw)
    key = f"{event['source']} {event['id']}"
    data, repairs = (event["data"], flags) if "data" in event else _unpacked(event)
    if not isinstance(data, dict):
        return Arrival(key, raw, held=UNEXPECTED, raw=raw, occurred_at=of_iso(event.get("time")))
    lead = lead_of(key, {**event, "data": data}, flags | repairs, raw, source)
    about = {name: value for name, value in event.items() if name not in _CONTENT}
    extra = {name: value for name, value in lead.extra.items() if name != "type" or name in data}
    return lead._replace(
        extra={**extra, "_event": about}, raw=raw, occurred_at=of_iso(event.get("time"))
    )


def _binary(knock: Knock, content_type: str) -> tuple[dict[str, Any], frozenset[str]]:
    """Attributes out of the headers, and the body as data of its own type."""
    event: dict[str, Any] = dict(_attributes(knock.headers))
    read, parameter = reader_of(content_type or "application/json") or (None, None)
    try:
        form = read(knock.body, parameter) if read else None
    except Unreadable:
        form = None
    if form is None:
        return event, frozenset()
    return {**event, "data": form.values}, form.flags


def _attributes(headers: Mapping[bytes, bytes]) -> Iterator[tuple[str, str]]:
    """As section 3.1.3.2 says: unquoted, then percent-decoded once."""
    for name, value in headers.items():
        if name.startswith(_HEADER):
            text = value.decode("utf-8", "replace").strip()
            quoted = _QUOTED.fullmatch(text)
            bare = _ESCAPED.sub(r"\1", quoted[1]) if quoted else text
            attribute = name.removeprefix(_HEADER).decode("latin-1")
            yield attribute, repaired(unquote(bare, errors="replace")).text


def _unpacked(event: dict[str, Any]) -> tuple[Any, frozenset[str]]:
    """Data in base64, where it is JSON."""
    value = event.get("data_base64")
    try:
        return parse(base64.b64decode(value if isinstance(value, str) else "", validate=True))
    except (ValueError, Unreadable):
        return None, frozenset()


CLOUDEVENTS: Final = Kind("cloudevents", prove, parse_events, is_signed=True, permission=permit)
