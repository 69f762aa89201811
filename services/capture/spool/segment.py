"""Segments: the files of a spool, and what can be read back of them after a crash."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from services.capture.spool.frame import frames, header, read_header
from services.capture.spool.ledger import sync_folder

_SUFFIX: Final = ".segment"


@dataclass
class Segment:
    """One file and the sequences in it that count.

    A record in the file above `last` was never acknowledged: its write failed, and the next
    segment's head gives its number to another record.
    """

    path: Path
    number: int
    first: int
    last: int
    size: int
    acked_at: float | None = None
    """When it was first seen to be wholly acknowledged."""


def create(folder: Path, first: int) -> tuple[Segment, int]:
    """A new file, durable with its name, and its descriptor. Raises OSError."""
    number = max((int(path.stem) for path in _files(folder)), default=0) + 1
    path = folder / f"{number:010d}{_SUFFIX}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    head = header(first)
    try:
        write_all(descriptor, head)
        os.fdatasync(descriptor)
        sync_folder(folder)
    except OSError:
        os.close(descriptor)
        path.unlink(missing_ok=True)
        raise
    return Segment(path, number, first, first - 1, len(head)), descriptor


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it, or raise OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def recover(folder: Path) -> list[Segment]:
    """The segments of a folder after whatever ended its last writer, oldest first.

    Only the newest is read whole: every other ends where the next begins.
    """
    found: list[Segment] = []
    for path in _files(folder):
        with path.open("rb") as file:
            first = read_header(file.read(64))
        size = path.stat().st_size
        found.append(Segment(path, int(path.stem), first or 0, 0, size))
    for segment in found:
        if not segment.first:
            seen = _sequences(segment)
            segment.first = min(seen, default=0)
    known = [segment for segment in found if segment.first]
    for segment, following in pairwise(known):
        segment.last = following.first - 1
    if known:
        newest = known[-1]
        newest.last = max((*_sequences(newest), newest.first - 1))
    return known


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{_SUFFIX}") if path.stem.isdecimal())


def _sequences(segment: Segment) -> list[int]:
    return [frame.sequence for frame in frames(segment.path.read_bytes())]
