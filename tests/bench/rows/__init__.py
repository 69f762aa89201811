"""The rows of docs/performance.md, in its order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from tests.bench.place import Place
from tests.bench.result import Row
from tests.bench.rows import door, scaling, size, stages, whole

Measure = Callable[[Place], Awaitable[list[Row]]]

ROWS: Final[dict[str, Measure]] = {
    "capture": door.capture,
    "urlencoded": door.urlencoded,
    "latency": door.latency,
    "stages": stages.stages,
    "everything": whole.everything,
    "notification": whole.notification,
    "apart": scaling.apart,
    "two": scaling.two,
    "memory": size.memory,
    "growth": size.growth,
}
