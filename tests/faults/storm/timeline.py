"""What was done to the system and when, as JSON lines: a failing run is understood by it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any


class Timeline:
    """Append-only; times are this machine's monotonic seconds, as in the oracle's ledger."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self.kills = 0
        """SIGKILLs and SIGTERMs of services, brokers and Postgres."""

    def note(self, what: str, **more: Any) -> None:
        """Write one thing down."""
        line = {"at": round(time.monotonic(), 3), "what": what, **more}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def killed(self, whom: str, how: str) -> None:
        """Somebody was killed."""
        self.kills += 1
        self.note("killed", whom=whom, how=how)

    def close(self) -> None:
        self._file.close()
