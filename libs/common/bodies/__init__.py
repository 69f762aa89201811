"""What a form or a webhook may arrive as: one file per encoding, one tuple."""

from __future__ import annotations

from typing import Final, NamedTuple

from libs.common.bodies.contract import Filled, Reader, Unreadable
from libs.common.bodies.json_text import parse, plain, read_json
from libs.common.bodies.multipart import read_multipart
from libs.common.bodies.urlencoded import read_urlencoded

__all__ = [
    "ENCODINGS",
    "Filled",
    "Unreadable",
    "media_type",
    "parse",
    "plain",
    "reader_of",
]


class Encoding(NamedTuple):
    """A content type, the parameter of it that its reader needs, and the reader."""

    content_type: str
    parameter: str
    read: Reader


ENCODINGS: Final = (
    Encoding("application/x-www-form-urlencoded", "charset", read_urlencoded),
    Encoding("multipart/form-data", "boundary", read_multipart),
    Encoding("application/json", "charset", read_json),
    Encoding("text/plain", "charset", read_json),  # what `sendBeacon` says of a string
)


def media_type(header: str) -> tuple[str, dict[str, str]]:
    """A Content-Type's type, lower case, and its parameters. Never fails."""
    if header == "application/json":  # as nearly every program writes it
        return header, {}
    kind, *rest = header.split(";")
    parameters: dict[str, str] = {}
    for part in rest:
        name, _, value = part.partition("=")
        parameters.setdefault(name.strip().lower(), value.strip().strip('"'))
    return kind.strip().lower(), parameters


def reader_of(header: str) -> tuple[Reader, str | None] | None:
    """How to read a body of that Content-Type; None for one that nobody reads here."""
    kind, parameters = media_type(header)
    if kind.endswith("+json"):
        kind = "application/json"
    for encoding in ENCODINGS:
        if encoding.content_type == kind:
            return encoding.read, parameters.get(encoding.parameter)
    return None
