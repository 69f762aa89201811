"""Where the body of a request ends, if nobody could read it differently (RFC 9112, section 6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Framing(NamedTuple):
    """What the head says of the body."""

    length: int | None
    """None where there is none, or it comes in chunks."""
    expects: bool
    """Whether the sender waits to be told to go on (RFC 9110, section 10.1.1)."""


def framing(headers: Iterable[tuple[bytes, bytes]], version: str) -> Framing | None:
    """Read it of the headers, their names in lower case; None for a request to be refused."""
    hosts, lengths, codings, expects = 0, list[bytes](), list[bytes](), False
    for name, value in headers:
        if name == b"host":
            hosts += 1
        elif name == b"content-length":
            lengths.append(value)
        elif name == b"transfer-encoding":
            codings.append(value.lower())
        elif name == b"expect":
            expects = expects or value.lower() == b"100-continue"
    if codings and (codings != [b"chunked"] or lengths):
        return None
    if hosts > 1 or (hosts == 0 and version == "1.1"):
        return None
    return Framing(int(lengths[0]) if lengths else None, expects)
