"""One case over a socket of its own, and what came back, read without any client's kindness."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 8.0
"""Seconds after which a case has hung."""
_STATUS: Final = re.compile(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LAST_CHUNK: Final = b"0\r\n\r\n"
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass(frozen=True)
class Answers:
    """All that came, its statuses in order, and how long it took."""

    raw: bytes
    statuses: tuple[int, ...]
    seconds: float
    hung: bool


def exchange(port: int, sent: bytes, *, cut: bool, wanted: int, is_head: bool) -> Answers:
    """Send it, and read until so many answers are whole, or the connection is closed."""
    began = time.monotonic()
    raw, hung = b"", False
    with socket.create_connection(("127.0.0.1", port), timeout=LONGEST) as connection:
        with contextlib.suppress(ConnectionError):  # it may be answered before all is sent
            connection.sendall(sent)
        if cut:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        while len(answered(raw, is_head=is_head)) < wanted:
            try:
                read = connection.recv(65536)
            except ConnectionError:
                break
            except TimeoutError:
                hung = True
                break
            if not read:
                break
            raw += read
    return Answers(raw, answered(raw, is_head=is_head), time.monotonic() - began, hung)


def answered(raw: bytes, *, is_head: bool) -> tuple[int, ...]:
    """The statuses of the answers that are whole, but for those that only say to go on."""
    found = []
    while match := _STATUS.match(raw):
        head, split, rest = raw.partition(b"\r\n\r\n")
        if not split:
            break
        status = int(match[1])
        length = _LENGTH.search(head)
        size = int(length[1]) if length and not is_head else 0
        if _CHUNKED.search(head):
            last = rest.find(_LAST_CHUNK)
            size = last + len(_LAST_CHUNK) if last >= 0 else len(rest) + 1
        if len(rest) < size:
            break
        raw = rest[size:]
        if status >= 200:
            found.append(status)
    return tuple(found)
