"""The append-only ledger: every id issued, every answer seen, every message received."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any


class Ledger:
    """JSON lines; `at` is this machine's monotonic clock, as in the timeline."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1 << 16)

    def note(self, what: str, **more: Any) -> None:
        """Write one line."""
        line = {"at": round(time.monotonic(), 4), "what": what, **more}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def flush(self) -> None:
        """Have everything in the file."""
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> list[dict[str, Any]]:
    """Every line."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
