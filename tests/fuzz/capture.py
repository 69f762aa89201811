"""What a stranger's bytes meet at the door: readers of bodies, heads, values of headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Final

import msgspec

from libs.common.bodies import Unreadable, media_type, parse, plain, reader_of
from libs.common.bodies.json_text import Parsed
from libs.common.bodies.texts import header_text, repaired
from libs.common.normal.names import sort_out
from libs.common.serving.head import Head
from services.capture.calls.idempotency import read_key
from services.capture.calls.languages import reader_language
from services.capture.calls.problems import Problem
from services.capture.door.directory import authority
from services.capture.door.network import address_of, network_of, networks, truncated
from services.capture.reading.attribution import FLAT, Origins, attributed
from services.capture.reading.consent import consented
from services.capture.reading.scan import carried, onward
from services.capture.reading.visit import read_visit
from tests.fuzz.fitness import fit

NOW: Final = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
_TRUSTED: Final = networks("10.0.0.0/8, ::1/128")


def body(data: bytes, content_type: str = "") -> None:
    """The first line is the content type unless one is given."""
    if not content_type:
        line, _, data = data.partition(b"\n")
        content_type = line.decode("latin-1")
    reader = reader_of(content_type)
    if reader is None:
        return
    try:
        filled = reader[0](data, reader[1])
    except Unreadable:
        return
    fit(filled.values)
    _, rest = attributed(filled.values, Origins())
    _, rest = consented(rest)
    found = sort_out(rest, {"phone": "a.b.0", "name": "x"})
    fit(found.fields)
    fit(found.candidates)


def json(data: bytes) -> None:
    """What is read reads the same again, whichever way it went the first time."""
    try:
        parsed = parse(data)
    except Unreadable:
        return
    value = plain(parsed.value)
    fit(value)
    again: Parsed = parse(msgspec.json.encode(value))
    assert plain(again.value) == value
    assert again.flags <= parsed.flags


def head(data: bytes) -> None:
    """A head comes out the same however it was cut into reads."""
    size, data = (data[0] % 16 + 1 if data else 1), data[1:]
    whole, cut = Head(), Head()
    length = whole.length(data)
    assert 0 <= length <= len(data)
    wanted = whole.fit(data[:length])
    if length < len(data):
        assert len(wanted) >= length
    assert wanted.count(b"\r\n\r\n") == data[:length].count(b"\r\n\r\n")
    said, at = b"", 0
    while at < length:
        read = data[at : at + size]
        took = cut.length(read)
        said += cut.fit(read[:took])
        at += took
        if took < len(read):
            break
    assert at == length
    assert said == wanted
    cut.value(said)


def headers(data: bytes) -> None:
    """Values that every request may carry."""
    text = data.decode("latin-1")
    fit(header_text(data))
    assert reader_language(text, "fa") in {"fa", "en"}
    address = address_of("10.0.0.1", data, _TRUSTED)
    truncated(address)
    network_of(text)
    authority(text)
    media_type(text)
    with suppress(ValueError):
        read_key(text)
    fit(onward("https://nil.example/a?b=c", repaired(text).text[:64]))
    said = carried("https://nil.example/", text)
    fit({name: value for name, value in said.items() if name in FLAT})


def visit(data: bytes) -> None:
    """An activity, as anybody may send it."""
    try:
        value = parse(data).value
    except Unreadable:
        return
    if not isinstance(value, dict):
        return
    try:
        said = read_visit(value, Origins(), NOW, vouched=b"x" in data)
    except Problem as problem:
        refused = msgspec.json.decode(problem.document("fa"))
        fit(refused)
        said = None
    if said is None:
        assert refused["status"] in {401, 413, 422}
        return
    fit(said.fields)
    fit(said.extra)
    assert said.at is None or said.at <= NOW


def origin(data: bytes) -> None:
    """A page of origin and campaign, from a form's own fields and from the headers."""
    sent = repaired(data.decode("utf-8", "replace")).text
    first, _, second = sent.partition("\n")
    for origins in (Origins(first, "nil.example/a", second), Origins(second, None, first)):
        found, _ = attributed(dict.fromkeys(FLAT, first), origins)
        fit(msgspec.to_builtins(found))


FORM_TYPES: Final = {
    "urlencoded": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data; boundary=b",
}
HARNESSES: Final[Mapping[str, Callable[[bytes], None]]] = {
    **{name: partial(body, content_type=kind) for name, kind in FORM_TYPES.items()},
    "body": body,
    "json-text": json,
    "head": head,
    "headers": headers,
    "visit": visit,
    "origin": origin,
}
