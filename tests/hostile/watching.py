"""What a process takes, by what its system says of it."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path


class Watching:
    """The most memory (bytes) and open files that a process had while it was watched."""

    def __init__(self, pid: int) -> None:
        self._process = Path(f"/proc/{pid}")
        self.memory = self.files = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    @property
    def most_files(self) -> int:
        """As many as it may open."""
        limits = (self._process / "limits").read_text(encoding="utf-8")
        found = re.search(r"Max open files +(\d+)", limits)
        assert found
        return int(found[1])

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join(5)

    def _look(self) -> None:
        while not self._over.is_set():
            status = (self._process / "status").read_text(encoding="utf-8")
            found = re.search(r"VmRSS:\s+(\d+) kB", status)
            self.memory = max(self.memory, int(found[1]) * 1024 if found else 0)
            self.files = max(self.files, sum(1 for _ in (self._process / "fd").iterdir()))
            time.sleep(0.1)
