"""The acked ledger: which records the log has, written before any segment is removed.

The other order, removing first, made another project crash-loop over files that its ledger
still named (vectordotdev/vector, pull request 25570).
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import Final

import msgspec

_NAME: Final = "acked"


class Ledger(msgspec.Struct, frozen=True):
    """The highest sequence given, and the spans that the log has acknowledged."""

    high: int = 0
    acked: list[tuple[int, int]] = []


def save(folder: Path, ledger: Ledger, *, sync: bool) -> None:
    """Replace the ledger; with `sync` it is on the disk when this returns. Raises OSError."""
    content = msgspec.json.encode(ledger)
    fresh = folder / f"{_NAME}.new"
    with fresh.open("wb") as file:
        file.write(b"%08x %b\n" % (zlib.crc32(content), content))
        if sync:
            file.flush()
            os.fsync(file.fileno())
    fresh.replace(folder / _NAME)
    if sync:
        sync_folder(folder)


def load(folder: Path) -> Ledger | None:
    """The ledger; None when absent or damaged (then all is published again, which is harmless)."""
    try:
        checksum, _, content = (folder / _NAME).read_bytes().rstrip(b"\n").partition(b" ")
        if int(checksum, 16) != zlib.crc32(content):
            return None
        return msgspec.json.decode(content, type=Ledger)
    except (OSError, ValueError, msgspec.DecodeError):
        return None


def sync_folder(folder: Path) -> None:
    """Make the folder's own entries durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
