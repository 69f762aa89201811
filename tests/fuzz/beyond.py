"""What is behind the door: text, pages, contacts, the spool's frames, events, the desk's values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

import msgspec

from libs.common.errors import Reject
from libs.common.events import Event, LeadCaptured, decode, encode
from libs.common.log import Record
from libs.common.normal.agent import is_crawler
from libs.common.normal.page import PagePatterns, normal_page
from libs.common.normal.text import clean, fold
from services.capture.spool.frame import MARK, framed, frames, read_header
from services.desk.web.door.forms import number
from services.desk.web.door.paging import read, written
from services.enrichment.normalise import normalise
from tests.fuzz.fitness import fit

_ID: Final = "0f0e0d0c-0000-4000-8000-000000000001"
_AT: Final = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def text(data: bytes) -> None:
    """Cleaning and folding are done once they are done. UTF-16 can have any lone surrogate."""
    if data[:1] == b"\xed":
        typed = data[1 : len(data) - (len(data) - 1) % 2].decode("utf-16-le", "surrogatepass")
    else:
        typed = data.decode("utf-8", "replace")
    shown = clean(typed)
    shown.encode()
    assert clean(shown) == shown
    key = fold(typed)
    key.encode()
    assert fold(key) == key
    is_crawler(typed)


def page(data: bytes) -> None:
    """A page's normal form is its own normal form."""
    typed = data.decode("utf-8", "replace")
    normal = normal_page(typed)
    if normal is not None:
        normal.encode()
        assert normal_page(normal) == normal
    PagePatterns(typed.split("\n")).match(normal)


def _captured(lines: list[str]) -> LeadCaptured:
    names = ("phone", "email", "name", "message", "first_name", "company", "language")
    return LeadCaptured(
        submission_id=_ID,
        kind="form",
        source="contact",
        source_kind="form",
        received_at=_AT,
        digest="d",
        raw=b"",
        fields={name: line for name, line in zip(names, lines, strict=False) if line},
        candidates={"phone": {str(n): line for n, line in enumerate(lines[:5])}},
    )


def recorded() -> bytes:
    """An event as the harness of events reads it: headers by line, then the value."""
    data = _captured(["09121234567", "a@b.example"])
    record = encode(Event(id=_ID, key="k", time=_AT, data=data, source="/s", round=1))
    head = b"\n".join(name.encode() + b":" + value for name, value in record.headers)
    return head + b"\n\n" + record.value


def contact(data: bytes) -> None:
    """Lines: phone, e-mail, name, message, agent, language, page."""
    lines = [clean(line) for line in data.decode("utf-8", "replace").split("\n")]
    draft = normalise(_captured(lines), "IR")
    fit(msgspec.to_builtins(draft.contact))
    phone = draft.contact.phone
    if phone is not None:
        assert phone.startswith("+")
        assert phone[1:].isascii()
        assert phone[1:].isdigit()
    assert "\n" not in (draft.contact.email or "")


def spool(data: bytes) -> None:
    """A whole frame is found among any bytes without the mark, and nothing is found twice.

    With it, 20 bytes with the right checksum could reach into the frame behind them; no payload
    can hold the mark, so nobody but a damaged disk writes those, once in 2^32 times.
    """
    read_header(data)
    found = list(frames(data))
    assert all(a.end <= b.start for a, b in pairwise(found))
    half = len(data) // 2
    before, after = data[:half], data[half:]
    if MARK[:1] in before:
        return
    mine = framed(7, after)
    places = [data for data in frames(before + mine + after) if data.sequence == 7]
    assert any(place.end - place.start == len(after) for place in places)


def event(data: bytes) -> None:
    """A record is an event of ours or refused; what is read is written as it was."""
    head, _, value = data.partition(b"\n\n")
    pairs = [line.partition(b":") for line in head.split(b"\n")]
    named = tuple((name.decode("latin-1"), content) for name, _, content in pairs)
    try:
        found = decode(Record("t", "k", value, named))
    except Reject:
        return
    assert decode(encode(found)) == found


def desk(data: bytes) -> None:
    """A cursor and a number, as the desk reads them."""
    typed = data.decode("utf-8", "replace")
    try:
        place = read(typed)
    except ValueError:
        pass  # refused: nothing to hold it to
    else:
        assert read(written(place)) == place
    number(typed)


HARNESSES: Final[Mapping[str, Callable[[bytes], None]]] = {
    "text": text,
    "page": page,
    "contact": contact,
    "spool": spool,
    "event": event,
    "desk": desk,
}
