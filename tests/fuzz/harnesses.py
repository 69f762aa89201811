"""All parsers that outside bytes reach, each a function of bytes that fails when it misbehaves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.edge.catalogue import Case, catalogue
from tests.edge.wire import written
from tests.fuzz import beyond, capture, kinds

HARNESSES: Final[Mapping[str, Callable[[bytes], None]]] = {
    **capture.HARNESSES,
    **beyond.HARNESSES,
    **kinds.HARNESSES,
}
FOUND: Final = Path(__file__).parents[1] / "fixtures" / "fuzz"
"""What was found once, a folder a harness: each is a test from then on."""
_MOST_SEED: Final = 20_000
_DOORS: Final[Mapping[str, tuple[str, ...]]] = {
    "form": ("urlencoded", "multipart", "json-text"),
    "lead": ("json-text",),
    "activity": ("json-text", "visit"),
    "socket": ("head",),
    **{kind: (kind,) for kind in ("standard", "meta", "google-ads", "telegram", "json")},
}
_BY_HAND: Final[Mapping[str, tuple[bytes, ...]]] = {
    "contact": (
        "۰۹۱۲ ۱۲۳ ۴۵۶۷\nSara@Nil.example\nسارا\nhi".encode(),
        b"0098 (912) 1234567 / 02188776655\na.b+c@xn--mgb.example; x@y.z\nMr X",
    ),
    "page": (b"https://www.nil.example:443/%D8%B3/../a/amp?x=1#y\nnil.example/a/*", b"//[::1]/a"),
    "text": ("يكة ۱۲٣\u200c e\u0301 \ufdfa".encode(),),
    "event": (beyond.recorded(),),
    "desk": (b"WyIyMDI2LTExLTIyVDA4OjAwOjAwWiIsIjAiXQ", "۱٬۲۳۴٫۵".encode()),
    "headers": (b"fa;q=0.5, en", b"bytes, ::1, 10.0.0.1", b'"a key"', b"nil.example:443"),
    "origin": (b"https://nil.example/?utm_source=a&_sn=b\nhttps://x.example",),
    "body": (b"multipart/form-data; boundary=b\n--b\r\n\r\n--b--", b"text/plain\n{}"),
    "spool": (b"\xff\xfe\xfdR\x00\x00\x00\x01\x00\x00\x00\x00",),
}


def seeds(name: str) -> Iterator[bytes]:
    """What a harness begins with: bodies of the catalogue, and a few lines written for it."""
    yield from _BY_HAND.get(name, ())
    yield from kinds.calls(name)
    for case in catalogue():
        if name in _DOORS.get(case.door, ()):
            sent = _seed(case, name)
            if len(sent) <= _MOST_SEED:
                yield sent


def _seed(case: Case, name: str) -> bytes:
    part: Any = case.said.get("raw" if name == "head" else "body")
    sent = written(part, {**case.words, "now": "1795255200"})
    return b"\n\n" + sent if name == case.door else sent


def kept(name: str) -> list[Path]:
    """What was found with this harness."""
    return sorted((FOUND / name).glob("*"))


def keep(name: str, data: bytes) -> Path:
    """Make a test of what was found."""
    file = FOUND / name / hashlib.sha256(data).hexdigest()[:12]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file
