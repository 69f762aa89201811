"""Folders of spools: each has one writer at a time, held by a lock that dies with it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import uuid
from pathlib import Path
from typing import Final, NamedTuple

from services.capture.spool.ledger import sync_folder

_LOCK: Final = "lock"


class HeldFolder(NamedTuple):
    """A spool's folder that this process alone may write."""

    path: Path
    lock: int

    @property
    def spool(self) -> str:
        """The spool's id: the folder's name."""
        return self.path.name

    def release(self) -> None:
        """Let others take it."""
        os.close(self.lock)

    def remove(self) -> None:
        """Delete it, drained and retired as it must be, and let go."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.release()


def take_own(root: Path) -> HeldFolder:
    """A folder left by a worker that ended, else a new one. Raises OSError."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in _spools(root):
        held = _take(path)
        if held is not None:
            return held
    path = root / str(uuid.uuid4())
    path.mkdir(mode=0o700)
    sync_folder(root)
    sync_folder(root.parent)
    held = _take(path)
    return held if held is not None else take_own(root)


def take_all(root: Path) -> list[HeldFolder]:
    """Every folder that nobody holds: their records are ours to drain."""
    held = []
    for path in _spools(root):
        with contextlib.suppress(OSError):  # one that cannot be opened must not cost the others
            held.append(_take(path))
    return [folder for folder in held if folder is not None]


def _spools(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and _is_uuid(path.name))


def _is_uuid(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False


def _take(path: Path) -> HeldFolder | None:
    try:
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours = os.fstat(lock).st_ino == (path / _LOCK).stat().st_ino
    except OSError:
        ours = False
    if ours:
        return HeldFolder(path, lock)
    os.close(lock)
    return None
