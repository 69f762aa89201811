"""The data folder: can it be written, is there room, how long does a synced write take."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from libs.common.events.values import Text
from libs.common.settings import Settings
from services.commands.doctor.finding import Finding, fail, ok, warn

_WRITES: Final = 20
_BLOCK: Final = b"\0" * 4096
SLOW_MS: Final = 10.0
"""A synced write; every answer of capture waits for one that it shares."""
LITTLE_ROOM: Final = 5 * 1024**3
NO_ROOM: Final = 512 * 1024**2


async def data_folder(settings: Settings) -> Sequence[Finding]:
    """Look at the folder, or at the nearest one above it that is there."""
    folder = nearest(settings.data_dir)
    try:
        synced = await asyncio.to_thread(sync_times, folder)
    except OSError as error:
        return [_closed(settings.data_dir, error)]
    return [
        ok("data folder", f"در {settings.data_dir} می‌توان نوشت", f"{settings.data_dir}: writable"),
        of_room(shutil.disk_usage(folder).free),
        of_syncs(synced),
    ]


def nearest(folder: Path) -> Path:
    """The folder, else the lowest above it that exists."""
    folder = folder.absolute()
    return next(each for each in (folder, *folder.parents) if each.exists())


def sync_times(folder: Path) -> list[float]:
    """Milliseconds of each of some synced writes of 4 KiB. Raises OSError."""
    taken = []
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-", buffering=0) as file:
        for _ in range(_WRITES):
            began = time.perf_counter()
            file.write(_BLOCK)
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    return taken


def of_syncs(taken: Sequence[float]) -> Finding:
    """Judge the disk by its synced writes, in milliseconds."""
    middle, worst = statistics.median(taken), max(taken)
    seen = Text(
        f"نوشتن همگام: میانه {middle:.1f} و بیشینه {worst:.1f} میلی‌ثانیه",
        f"a synced write takes {middle:.1f} ms, at worst {worst:.1f} ms",
    )
    if middle <= SLOW_MS:
        return ok("disk", seen.fa, seen.en)
    advice = Text(
        "دیسک کند است؛ پوشهٔ داده را روی SSD محلی بگذارید",
        "the disk is slow: put the data folder on a local SSD",
    )
    return warn("disk", seen, advice)


def of_room(free: int) -> Finding:
    """Judge the free bytes."""
    size = f"{free / 1024**3:.1f}"
    seen = Text(f"{size} گیگابایت جای خالی", f"{size} GiB free")
    advice = Text(
        "جا باز کنید یا SARNAKH_DATA_DIR را به دیسک بزرگ‌تری ببرید",
        "make room, or set SARNAKH_DATA_DIR to a larger disk",
    )
    if free < NO_ROOM:
        return fail("free space", seen, advice)
    if free < LITTLE_ROOM:
        return warn("free space", seen, advice)
    return ok("free space", seen.fa, seen.en)


def _closed(folder: Path, error: OSError) -> Finding:
    return fail(
        "data folder",
        Text(
            f"در {folder} نمی‌توان نوشت ({error.strerror})",
            f"{folder} cannot be written ({error.strerror})",
        ),
        Text(
            "دسترسی‌اش را درست کنید یا SARNAKH_DATA_DIR را عوض کنید",
            "mend its permissions, or set SARNAKH_DATA_DIR to another",
        ),
    )
