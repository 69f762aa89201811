"""Group commit: one thread writes and syncs, together, all that came while it did so before."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import structlog

from services.capture.spool.errors import SpoolBroken, SpoolFull
from services.capture.spool.spool import Spool

GROUP_BYTES: Final = 4 * 1024 * 1024
GROUP_RECORDS: Final = 1000
WAITING_BYTES: Final = 32 * 1024 * 1024
"""More than this waiting for the disk is refused: memory stays bounded when a disk hangs."""
CROWD: Final = 8
"""Records of a group after which the next one may gather."""
GATHER_SECONDS: Final = 0.002
"""For which it does: each group costs a turn of the thread and an append to the log."""
TIDY_SECONDS: Final = 0.5

_log = structlog.get_logger("capture")


class Item(NamedTuple):
    """A record's bytes, and whatever its owner wants back with its sequence."""

    payload: bytes
    owner: Any


Settled = Callable[[Sequence[Item], int, Exception | None], None]
"""Called on the loop with a group, its first sequence, and why it failed, if it did."""


class Commit:
    """The writer thread of one spool, woken once a group: a wake-up costs more than a record.

    Of an idle disk a group is what came in one turn of the loop, of a busy one what came while
    it wrote the group before.
    """

    def __init__(self, spool: Spool, settled: Settled) -> None:
        self._spool = spool
        self._settled = settled
        self._loop = asyncio.get_running_loop()
        self._items: deque[Item] = deque()
        self._groups: queue.SimpleQueue[list[Item] | None] = queue.SimpleQueue()
        self._waiting = 0
        self._busy = False
        """Whether the thread has a group, or is about to get one."""
        self._idle = asyncio.Event()
        self._idle.set()
        self._refused = 0
        """Bytes of what could not be stored last; 0 when all could."""
        self._closing = False
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    def submit(self, item: Item) -> None:
        """Queue a record. Raises SpoolFull when too much is waiting for the disk."""
        if self._waiting > WAITING_BYTES:
            raise SpoolFull
        self._waiting += len(item.payload)
        self._items.append(item)
        if not self._busy:
            self._busy = True
            self._idle.clear()
            self._loop.call_soon(self._hand_over)

    async def idle(self) -> None:
        """Wait until everything queued is written."""
        await self._idle.wait()

    async def close(self) -> None:
        """Write what is queued, save the ledger and end."""
        self._closing = True
        if not self._busy:
            self._hand_over()
        await self._ended.wait()

    def _hand_over(self) -> None:
        """Give the thread its next group, the word to end after the last, or leave it idle."""
        group: list[Item] = []
        size = 0
        while self._items and size < GROUP_BYTES and len(group) < GROUP_RECORDS:
            group.append(self._items.popleft())
            size += len(group[-1].payload)
        self._busy = bool(group)
        if group:
            self._groups.put(group)
            return
        self._idle.set()
        if self._closing:
            self._groups.put(None)

    def _run(self) -> None:
        tidied = time.monotonic()
        group: list[Item] | None = []
        while group is not None:
            try:
                group = self._groups.get(timeout=TIDY_SECONDS)
            except queue.Empty:
                group = []
            if group:
                self._write(group)
            elif self._refused:
                self._probe()
            if time.monotonic() - tidied >= TIDY_SECONDS:
                with contextlib.suppress(OSError):
                    self._spool.tidy()
                tidied = time.monotonic()
        with contextlib.suppress(OSError):
            self._spool.close()
        self._tell(self._ended.set)

    def _write(self, group: list[Item]) -> None:
        first, error = 0, None
        try:
            first = self._spool.append([item.payload for item in group])
        except (SpoolFull, SpoolBroken) as failed:
            error = failed
        except Exception as bug:  # the thread must outlive it, and the senders be told
            _log.error(
                "spool.failed", error=type(bug).__name__, exc_info=not isinstance(bug, OSError)
            )
            error = SpoolBroken()
        self._refused = len(group[0].payload) if error else 0
        self._tell(self._back, group, first, error)

    def _probe(self) -> None:
        """Find out that the disk is well again: nobody may post to a door that is not ready."""
        with contextlib.suppress(SpoolFull, SpoolBroken, OSError):
            self._spool.make_ready(self._refused)
            self._refused = 0
            self._tell(self._settled, (), self._spool.high, None)

    def _back(self, group: list[Item], first: int, error: Exception | None) -> None:
        if len(group) < CROWD:
            self._hand_over()  # first of all: the disk works while the loop settles
        else:
            self._loop.call_later(GATHER_SECONDS, self._hand_over)
        self._waiting -= sum(len(item.payload) for item in group)
        self._settled(group, first, error)

    def _tell(self, call: Callable[..., None], *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone: nobody is left to be told
            self._loop.call_soon_threadsafe(call, *arguments)
