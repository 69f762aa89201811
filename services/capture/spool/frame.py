"""How a record lies in a segment: mark, length, CRC-32, sequence, payload.

The mark begins with bytes that UTF-8 cannot hold, and a payload is UTF-8 in MessagePack with
lengths below 2^24, so nothing that a visitor sends can look like a frame. That makes it safe
to search for the next frame after a damaged one.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

MARK: Final = b"\xff\xfe\xfdR"
_FRAME: Final = struct.Struct(">4sIIQ")
_LONGEST: Final = (1 << 24) - 1

_HEADER: Final = struct.Struct(">8sQI")
_MAGIC: Final = b"sarnakh1"
HEADER_BYTES: Final = _HEADER.size


class Frame(NamedTuple):
    """An undamaged record: its sequence, and where its payload begins and ends."""

    sequence: int
    start: int
    end: int


def framed(sequence: int, payload: bytes) -> bytes:
    """The record as it is written."""
    if len(payload) > _LONGEST:
        raise ValueError("a record of the spool is below 16 MiB")
    return _FRAME.pack(MARK, len(payload), _checksum(sequence, payload), sequence) + payload


def frames(data: bytes) -> Iterator[Frame]:
    """Every undamaged record, in the file's order; torn and damaged ones are passed over."""
    at = data.find(MARK)
    while at >= 0 and at + _FRAME.size <= len(data):
        _mark, length, checksum, sequence = _FRAME.unpack_from(data, at)
        start = at + _FRAME.size
        end = start + length
        if end <= len(data) and checksum == _checksum(sequence, data[start:end]):
            yield Frame(sequence, start, end)
            at = data.find(MARK, end)
        else:
            at = data.find(MARK, at + 1)


def header(first: int) -> bytes:
    """The head of a segment whose first record will be `first`."""
    return _HEADER.pack(_MAGIC, first, zlib.crc32(_MAGIC + first.to_bytes(8, "big")))


def read_header(data: bytes) -> int | None:
    """The first sequence that a segment says to hold; None when its head is damaged."""
    if len(data) < HEADER_BYTES:
        return None
    magic, first, checksum = _HEADER.unpack_from(data)
    good = magic == _MAGIC and checksum == zlib.crc32(_MAGIC + int(first).to_bytes(8, "big"))
    return int(first) if good else None


def _checksum(sequence: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(sequence.to_bytes(8, "big")))
