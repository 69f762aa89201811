"""Where the files of imports lie, and how one comes there as it arrives."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

MOST_BYTES: Final = 32 * 1024 * 1024
_PLACE: Final = "place"


class TooLarge(Exception):
    """More bytes than a list may have."""


class Kept(NamedTuple):
    """A file that has come."""

    path: Path
    digest: str
    """SHA-256, hex."""
    size: int


class Folder:
    """Below the data folder; nobody else may read it. Made when the first file comes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._place = ""

    def path(self, item: str) -> Path:
        """The file of an import."""
        return self._root / str(uuid.UUID(item))

    @property
    def place(self) -> str:
        """Names this folder among those of other machines; empty while there is none."""
        if not self._place:
            with contextlib.suppress(FileNotFoundError):
                self._place = (self._root / _PLACE).read_text(encoding="ascii").strip()
        return self._place

    def make(self) -> str:
        """The folder, with its name in it."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            handle = os.open(self._root / _PLACE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(str(uuid.uuid4()))
        return self.place

    async def take(self, item: str, parts: AsyncIterator[bytes]) -> Kept:
        """Write the parts as they come; nothing is left of what ends early. Raises TooLarge."""
        await asyncio.to_thread(self.make)
        path, hashed, size = self.path(item), hashlib.sha256(), 0
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                async for part in _bounded(parts):
                    size += len(part)
                    hashed.update(part)
                    await asyncio.to_thread(file.write, part)
                await asyncio.to_thread(_sync, file)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Kept(path, hashed.hexdigest(), size)

    def drop(self, item: str) -> None:
        """Delete the file of an import."""
        self.path(item).unlink(missing_ok=True)


async def _bounded(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    left = MOST_BYTES
    async for part in parts:
        left -= len(part)
        if left < 0:
            raise TooLarge
        yield part


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
