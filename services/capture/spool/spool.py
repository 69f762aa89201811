"""A spool: numbered records on disk, appended in groups, read back until the log has them."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from libs.common.failpoints import fail_point
from services.capture.spool import ledger, segment
from services.capture.spool.errors import SpoolBroken, SpoolFull
from services.capture.spool.frame import framed
from services.capture.spool.ranges import Ranges
from services.capture.spool.reading import Read, SegmentReader
from services.capture.spool.segment import Segment

SEGMENT_BYTES: Final = 8 * 1024 * 1024
CAP_BYTES: Final = 1024**3
DISK_SHARE: Final = 0.8
KEEP_SECONDS: Final = 900.0
"""Acknowledged records stay this long: a broker may lose what it has not synced itself."""


class Spool:
    """One folder's records. `append`, `tidy` and `close` belong to one thread; the rest is free.

    Sequences begin at 1 and have no gaps: a number is used up only by a record that was synced,
    and after a failed write the next segment's head gives it out again.
    """

    def __init__(
        self,
        folder: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        cap: Callable[[Path, int], int] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._cap = cap or room
        self._clock = clock
        self._lock = threading.Lock()
        self._segments = segment.recover(folder)
        saved = ledger.load(folder) or ledger.Ledger()
        self._acked = Ranges(saved.acked)
        self.high = max([saved.high, *(part.last for part in self._segments)])
        """The highest sequence on the disk."""
        lowest = min((part.first for part in self._segments), default=self.high + 1)
        self._acked.add(1, lowest - 1)
        self._reader = SegmentReader()
        self._descriptor: int | None = None
        self._unsaved = False

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        with self._lock:
            return sum(part.size for part in self._segments)

    def append(self, payloads: Sequence[bytes]) -> int:
        """Store all, synced; gives the first's sequence, the others follow it.

        Raises SpoolFull, or SpoolBroken when the disk failed: then none of them counts.
        """
        blob = b"".join(framed(self.high + 1 + i, payload) for i, payload in enumerate(payloads))
        active = self.make_ready(len(blob))
        try:
            segment.write_all(self._descriptor or 0, blob)
            fail_point("capture.spool.written")
            os.fdatasync(self._descriptor or 0)
        except OSError as error:
            # Pages that failed to sync may be dropped and reported clean the next time, so
            # this file is never synced again.
            self._abandon()
            raise _verdict(error) from error
        fail_point("capture.spool.synced")
        first = self.high + 1
        with self._lock:
            active.size += len(blob)
            self.high += len(payloads)
            active.last = self.high
        return first

    def make_ready(self, more: int) -> Segment:
        """Have room for so many bytes, and a file that could be synced.

        Raises SpoolFull or SpoolBroken.
        """
        self._make_room(more)
        try:
            return self._writable(more)
        except OSError as error:
            raise _verdict(error) from error

    def acknowledge(self, low: int, high: int) -> None:
        """The log has these."""
        with self._lock:
            self._acked.add(low, high)
            self._unsaved = True

    def waiting(self, below: int) -> tuple[int, int] | None:
        """The oldest span, below that sequence, that the log does not have yet."""
        with self._lock:
            return self._acked.gap(1, below - 1)

    def acknowledged_to(self) -> int:
        """The sequence up to which the log has every record."""
        with self._lock:
            gap = self._acked.gap(1, self.high)
            return gap[0] - 1 if gap else self.high

    def unacknowledged(self) -> int:
        """How many records the log does not have yet."""
        with self._lock:
            return self.high - sum(high - low + 1 for low, high in self._acked.spans())

    def read(self, low: int, high: int, most: int, most_bytes: int) -> Read:
        """Records from `low` on, back from the disk, and the sequences that are damaged."""
        with self._lock:
            part = next((p for p in self._segments if p.first <= low <= p.last), None)
            end = min(high, part.last, low + most - 1) if part else high
        if part is None:
            return Read((), (low,))
        return self._reader.read(part, low, end, most_bytes)

    def set_aside(self, sequence: int, payload: bytes) -> None:
        """Keep a record that the log will never take, for a human. Raises OSError."""
        refused = self._folder / "refused"
        refused.mkdir(exist_ok=True)
        with (refused / str(sequence)).open("wb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        ledger.sync_folder(refused)

    def tidy(self, *, sync: bool = False) -> None:
        """Save the ledger, and remove what has been in the log for long enough."""
        now = self._clock()
        with self._lock:
            for part in self._segments:
                done = self._acked.covers(part.first, part.last)
                part.acked_at = (part.acked_at or now) if done else None
            old = [p for p in self._segments if p.acked_at and now - p.acked_at >= KEEP_SECONDS]
        if old and old[-1] is self._segments[-1]:
            self._finish_old()
        if old:
            self._remove(old)
        elif self._unsaved or sync:
            self._save(sync=sync)

    def close(self) -> None:
        """Save the ledger for good; records that the log does not have stay for the next start."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._save(sync=True)

    def _finish_old(self) -> None:
        """Begin a new file when the one in use holds old contact data, so that it can go."""
        if self._holds_records():
            self._abandon()
            self._writable(0)

    def _writable(self, more: int) -> Segment:
        full = self._segments and self._segments[-1].size + more > self._segment_bytes
        if self._descriptor is not None and not (full and self._holds_records()):
            return self._segments[-1]
        self._abandon()
        created, self._descriptor = segment.create(self._folder, self.high + 1)
        with self._lock:
            self._segments.append(created)
        return created

    def _holds_records(self) -> bool:
        return self._segments[-1].last >= self._segments[-1].first

    def _abandon(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _make_room(self, more: int) -> None:
        size = self.size
        cap = self._cap(self._folder, size)
        if size + more <= cap:
            return
        with self._lock:
            done = [p for p in self._segments[:-1] if self._acked.covers(p.first, p.last)]
        self._remove(done)
        if self.size + more > cap and self._newest_is_done():
            self._abandon()
            self._writable(0)
            self._remove(self._segments[:-1])
        if self.size + more > cap:
            raise SpoolFull

    def _newest_is_done(self) -> bool:
        with self._lock:
            return bool(self._segments) and self._acked.covers(1, self.high)

    def _remove(self, parts: Sequence[Segment]) -> None:
        """Remove files, never the newest: its head is what the next sequence is known by."""
        going = [part for part in parts if part is not self._segments[-1]]
        if not going:
            return
        self._save(sync=True)
        for part in going:
            part.path.unlink(missing_ok=True)
        with self._lock:
            self._segments = [part for part in self._segments if part not in going]

    def _save(self, *, sync: bool) -> None:
        with self._lock:
            now = ledger.Ledger(self.high, self._acked.spans())
            self._unsaved = False
        ledger.save(self._folder, now, sync=sync)


def room(folder: Path, size: int) -> int:
    """How many bytes a spool may take: 1 GiB, or most of what the disk has for it."""
    disk = os.statvfs(folder)
    return min(CAP_BYTES, int(DISK_SHARE * (disk.f_bavail * disk.f_frsize + size)))


def _verdict(error: OSError) -> SpoolFull | SpoolBroken:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return SpoolFull() if full else SpoolBroken()
