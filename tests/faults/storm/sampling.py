"""Once a second, what the processes say of themselves: how far each is, and how large."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from tests.bench.processes import memory_mib
from tests.faults.storm.scene import Storm

_EVERY: Final = 1.0
_WANTED: Final = {
    "capture": "sarnakh_capture_spool_waiting_records ",
    "enrichment": 'sarnakh_stage_events_total{outcome="done",stage="enrichment"}',
    "scoring": 'sarnakh_stage_events_total{outcome="done",stage="scoring"}',
    "routing": 'sarnakh_stage_events_total{outcome="done",stage="routing"}',
    "desk": 'sarnakh_stage_events_total{outcome="done",stage="desk"}',
}


class Sampling:
    """Notes samples in the timeline, and keeps the largest sizes."""

    def __init__(self, storm: Storm) -> None:
        self._storm = storm
        self.largest: dict[str, float] = {}
        """MiB of memory, by service."""
        self.most_files: dict[str, int] = {}
        """Open files, by service."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            names = list(_WANTED)
            found = await asyncio.gather(
                *(self._storm.supervisor.metric(name, _WANTED[name]) for name in names)
            )
            for name in names:
                self._size(name)
            waiting, *done = (round(value) for value in found)
            self._storm.timeline.note("sample", waiting=waiting, done=done)
            await asyncio.sleep(_EVERY)

    def _size(self, name: str) -> None:
        process = self._storm.supervisor.units[name].process
        if process is None or process.poll() is not None:
            return
        try:
            size, files = (
                memory_mib(process.pid),
                len(list(Path(f"/proc/{process.pid}/fd").iterdir())),
            )
        except OSError:  # it has ended meanwhile
            return
        self.largest[name] = max(size, self.largest.get(name, 0))
        self.most_files[name] = max(files, self.most_files.get(name, 0))
