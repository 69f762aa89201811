"""Reading records back from a segment, a run at a time, with one file at most in memory."""

from __future__ import annotations

import threading
from typing import NamedTuple

from services.capture.spool.frame import frames
from services.capture.spool.segment import Segment


class Read(NamedTuple):
    """What was found, and which sequences are damaged beyond reading."""

    found: tuple[tuple[int, bytes], ...]
    lost: tuple[int, ...]


class SegmentReader:
    """Remembers the last file read, because a drain asks for it run by run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._data = b""
        self._places: dict[int, tuple[int, int]] = {}

    def read(self, part: Segment, low: int, high: int, most_bytes: int) -> Read:
        """The records from `low` to `high`, fewer when they are over `most_bytes`."""
        with self._lock:
            if part.number != self._number or low not in self._places:
                self._load(part)
            found: list[tuple[int, bytes]] = []
            lost: list[int] = []
            size = 0
            for sequence in range(low, high + 1):
                place = self._places.get(sequence)
                if place is None:
                    if part.number == self._number and len(self._data) < part.size:
                        break
                    lost.append(sequence)
                    continue
                size += place[1] - place[0]
                if found and size > most_bytes:
                    break
                found.append((sequence, self._data[place[0] : place[1]]))
            return Read(tuple(found), tuple(lost))

    def forget(self) -> None:
        """Give the memory back."""
        with self._lock:
            self._number, self._data, self._places = 0, b"", {}

    def _load(self, part: Segment) -> None:
        try:
            self._data = part.path.read_bytes()
        except FileNotFoundError:
            self._data = b""
        self._number = part.number
        self._places = {frame.sequence: (frame.start, frame.end) for frame in frames(self._data)}
