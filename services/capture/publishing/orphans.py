"""Spools whose workers are gone: adopted, drained beside live traffic, then put away."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from services.capture.publishing.publisher import Lane, Publisher
from services.capture.spool import HeldFolder, Spool, take_all
from services.capture.spool.spool import KEEP_SECONDS
from services.capture.store import Mark

LOOK_SECONDS: Final = 5.0

_log = structlog.get_logger("capture")


@dataclass
class _Orphan:
    held: HeldFolder
    lane: Lane
    drained_at: float | None = None


class Orphans:
    """The spools that this worker holds beside its own."""

    def __init__(self, root: Path, publisher: Publisher) -> None:
        self._root = root
        self._publisher = publisher
        self._held: list[_Orphan] = []

    def marks(self) -> list[Mark]:
        """Where each ended; retired once the log has all of it."""
        return [
            Mark(
                orphan.lane.spool_id,
                orphan.lane.spool.high,
                orphan.lane.spool.acknowledged_to(),
                orphan.drained_at is not None,
            )
            for orphan in self._held
        ]

    async def run(self) -> None:
        """Look for abandoned spools until cancelled."""
        while True:
            try:
                found = await asyncio.to_thread(take_all, self._root)
            except OSError as error:
                _failed(error)
                found = []
            for held in found:
                await self._adopt(held)
            for orphan in list(self._held):
                try:
                    await self._look_after(orphan)
                except OSError as error:
                    _failed(error, orphan.held)
            await asyncio.sleep(LOOK_SECONDS)

    def close(self) -> None:
        """Let others take what is left."""
        for orphan in self._held:
            with contextlib.suppress(OSError):
                orphan.lane.spool.close()
            orphan.held.release()

    async def _adopt(self, held: HeldFolder) -> None:
        """Take it on; one that cannot be read is let go, for whoever looks next."""
        try:
            lane = Lane(held.spool, await asyncio.to_thread(Spool, held.path))
        except Exception as error:  # the lock is ours: kept unheld, nobody would ever drain it
            held.release()
            _failed(error, held)
            return
        self._held.append(_Orphan(held, lane))
        self._publisher.adopt(lane)
        _log.info("spool.adopted", spool=held.spool, waiting=lane.spool.unacknowledged())

    async def _look_after(self, orphan: _Orphan) -> None:
        """Save how far it is; put it away a while after the last record was published."""
        await asyncio.to_thread(orphan.lane.spool.tidy)
        if orphan.drained_at is None:
            if not orphan.lane.spool.unacknowledged():
                orphan.drained_at = time.monotonic()
                self._publisher.release(orphan.lane)
        elif time.monotonic() - orphan.drained_at > KEEP_SECONDS and not _refused(orphan):
            await asyncio.to_thread(orphan.held.remove)
            self._held.remove(orphan)


def _failed(error: Exception, held: HeldFolder | None = None) -> None:
    spool = held.spool if held else None
    _log.error("spool.orphans_failed", spool=spool, error=type(error).__name__)


def _refused(orphan: _Orphan) -> bool:
    return (orphan.held.path / "refused").exists()
